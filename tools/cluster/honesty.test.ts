import { expect, test } from 'vitest'
import { honestScale, tooCompressed } from './honesty.ts'
import { virtualModels } from './virtual-models.ts'

const models = virtualModels({ count: 1, runSeconds: [10], steps: 10 })
const compression = { models, zipf: 1, workers: 10, speeds: [1], timeScale: 0.05 }

test('the honest scale grows with workers and speed, and shrinks with processors', () => {
  const honest = honestScale(compression, 2)

  expect(honestScale({ ...compression, workers: 20 }, 2)).toBeCloseTo(2 * honest)
  expect(honestScale({ ...compression, speeds: [1, 3] }, 2)).toBeCloseTo(2 * honest)
  expect(honestScale(compression, 8)).toBeCloseTo(honest / 4)
})

test('too much compression is told with the scale that would do', () => {
  const honest = honestScale(compression, 2)

  expect(tooCompressed({ ...compression, timeScale: honest * 1.01 }, 2)).toBeUndefined()
  expect(tooCompressed({ ...compression, timeScale: honest * 0.9 }, 2)).toContain(honest.toPrecision(2))
})
