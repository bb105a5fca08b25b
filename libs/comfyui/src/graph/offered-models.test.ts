import { expect, test } from 'vitest'
import type { ObjectInfo } from './object-info.ts'
import { offeredModels } from './offered-models.ts'

const info = {
  CheckpointLoaderSimple: { input: { required: { ckpt_name: [['xl\\base.safetensors', 'sd15.ckpt'], {}] } } },
  UNETLoader: { input: { required: { unet_name: ['COMBO', { options: ['flux.safetensors'] }] } } },
  LoadImage: { input: { required: { image: [['photo.png'], { image_upload: true }] } } },
  'Power Lora Loader': { input: { optional: { text: ['STRING', {}] } } },
  KSampler: { input: { required: { steps: ['INT', {}] } } },
} as unknown as ObjectInfo

test('a server offers the files of its lists, in old and new spelling', () => {
  expect([...offeredModels(info).files].toSorted()).toEqual([
    'flux.safetensors',
    'sd15.ckpt',
    'xl/base.safetensors',
  ])
})

test('loaders without a list are told apart: what they have is not known', () => {
  expect([...offeredModels(info).unlisted]).toEqual(['Power Lora Loader'])
})

test('odd definitions offer nothing', () => {
  const odd = { A: null, B: { input: { required: { x: 'COMBO', y: [[null, 1, {}]] } } } } as never
  expect(offeredModels(odd).files.size).toBe(0)
})
