import { expect, test } from 'vitest'
import { TimeLimits } from './time-limits.ts'

const attempt = { signature: 'a b 1', models: ['m.safetensors'], workerId: 'w1' }
const limits = ({ seconds = 0, known = true, loadMs = 0 }) =>
  new TimeLimits(
    { secondsOf: () => seconds, hasRun: () => known, loadMs: () => loadMs },
    { factor: 10, floorMs: 600_000, ceilingMs: 21_600_000 },
  ).secondsFor(attempt)

test('a known graph may take a multiple of what it took, and the time to load its models', () => {
  expect(limits({ seconds: 120, loadMs: 30_000 })).toBe(1_230)
})

test('a short one gets the floor, a long one the ceiling', () => {
  expect(limits({ seconds: 1 })).toBe(600)
  expect(limits({ seconds: 100_000 })).toBe(21_600)
})

test('a graph that was never seen gets the ceiling', () => {
  expect(limits({ seconds: 1, known: false })).toBe(21_600)
})
