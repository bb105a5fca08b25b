import { expect, test } from 'vitest'
import { Lenient } from '../lenient.ts'
import { imageOf } from './civitai-image.ts'
import { commercialUsesOf } from './civitai-values.ts'

const read = (raw: object) =>
  imageOf(new Lenient().object({ url: 'https://i.example/1.jpeg', ...raw }, 'image')!)

test.each([
  [
    {
      resources: [
        { name: 'a', type: 'lora', weight: 0.5, hash: 'x' },
        { name: 'b', type: 'model' },
      ],
    },
    [{ name: 'a', weight: 0.5, hash: 'x' }],
  ],
  [
    { civitaiResources: [{ type: 'lora', weight: '0,7', modelVersionId: 12 }] },
    [{ name: 'civitai:12', weight: 0.7, hash: null }],
  ],
  [
    { prompt: 'a fox <lora:Ink:0.8> <lora:Mist>' },
    [
      { name: 'Ink', weight: 0.8, hash: null },
      { name: 'Mist', weight: null, hash: null },
    ],
  ],
  [{ resources: [], prompt: 'a fox' }, []],
])('LoRAs are found wherever a picture tells of them: %o', (meta, expected) => {
  expect(read({ meta })!.meta!.loras).toEqual(expected)
})

test('numbers may be text, with a comma too, and nested data is unwrapped', () => {
  const { meta, rawMeta } = read({
    meta: { id: 1, meta: { seed: '42', cfgScale: '3,5', steps: 'many', odd: true } },
  })!

  expect(meta).toMatchObject({ seed: 42, cfg: 3.5, steps: null })
  expect(rawMeta).toMatchObject({ odd: true })
})

test.each([
  [{ nsfwLevel: 4 }, 4],
  [{ nsfwLevel: 'Mature', browsingLevel: 4 }, 4],
  [{ nsfwLevel: 'X' }, 8],
  [{ nsfw: 'Soft' }, 2],
  [{}, 1],
])('the level of a picture is a number or a word: %o', (raw, level) => {
  expect(read(raw)!.nsfwLevel).toBe(level)
})

test('what has no address of the web is no picture', () => {
  expect(read({ url: 'javascript:alert(1)' })).toBeUndefined()
  expect(read({ url: 5 })).toBeUndefined()
})

test.each([
  [
    ['Image', 'Sell', 'New'],
    ['image', 'sell'],
  ],
  ['{Image,RentCivit}', ['image', 'rent-civitai']],
  ['{}', []],
  ['None', []],
  ['Image', ['image']],
  ['Sell', ['image', 'rent-civitai', 'rent', 'sell']],
  [null, null],
])('commercial use is a list, a list as text, or one word: %o', (told, expected) => {
  expect(commercialUsesOf(told)).toEqual(expected)
})
