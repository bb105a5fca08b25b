import { generateModels } from '@easel/stand-ins'
import { expect, test } from 'vitest'
import type { SourceModel } from './source-model.ts'

test('generated models have the shape of those that sources bring, and are the same for the same seed', () => {
  const models: SourceModel[] = [...generateModels({ count: 2_000, seed: 7 })]
  const again: SourceModel[] = [...generateModels({ count: 2_000, seed: 7 })]

  expect(again).toEqual(models)
  expect(new Set(models.map(({ source, id }) => `${source} ${id}`)).size).toBe(2_000)
  expect(new Set(models.map(({ name }) => name)).size).toBeGreaterThan(1_900)
})
