import { PutBundle } from '@easel/contracts'
import { plainToInstance } from 'class-transformer'
import { validateSync } from 'class-validator'
import { expect, test } from 'vitest'
import { familyById } from '../families/families.ts'
import { wishOf } from '../needs/reference.ts'
import { companionOf } from './bundle-choice.ts'
import { bundleFaults } from './bundle-faults.ts'
import { builtinBundles } from './builtin-bundles.ts'

test.each(builtinBundles.map((bundle) => [bundle.id, bundle] as const))(
  '%s is a right bundle',
  (_id, bundle) => {
    expect(
      validateSync(plainToInstance(PutBundle, bundle), { whitelist: true, forbidNonWhitelisted: true }),
    ).toEqual([])
    expect(bundleFaults(bundle)).toEqual([])
    expect(bundle.family === null || familyById(bundle.family ?? '')).toBeTruthy()
  },
)

test('every file is one whose size and hash its source can be asked for', () => {
  const urls = builtinBundles.flatMap(({ files }) => files.flatMap((file) => file.urls))

  for (const url of urls)
    expect(wishOf(url)).toMatchObject({ source: 'huggingface', path: expect.any(String) })
})

test('each id is there once', () => {
  expect(new Set(builtinBundles.map(({ id }) => id)).size).toBe(builtinBundles.length)
})

test('a half of a model knows the other, both ways', () => {
  const { files } = builtinBundles.find(({ id }) => id === 'wan22-i2v-14b')!
  const halves = files.filter(({ noise }) => noise)

  expect(halves).toHaveLength(4)
  for (const half of halves) {
    const other = companionOf(half, files)!
    expect(other).toMatchObject({ folder: half.folder, noise: half.noise === 'high' ? 'low' : 'high' })
    expect(companionOf(other, files)).toBe(half)
  }
})
