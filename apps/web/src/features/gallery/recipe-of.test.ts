import { expect, test } from 'vitest'
import { anAsset } from './an-asset.ts'
import { recipeOf } from './recipe-of.ts'

test('a recipe holds what the asset tells, with the weights of the graph', () => {
  const asset = anAsset({ seed: '18446744073709551615', steps: 30, cfg: 0, loras: ['film.safetensors', 'b'] })
  const graph = {
    '1': { class_type: 'LoraLoader', inputs: { lora_name: 'film.safetensors', strength_model: 0.7 } },
    '2': { class_type: 'LoraLoader', inputs: { lora_name: 'b', strength_model: ['3', 0] } },
    '3': null,
  }

  expect(recipeOf(asset, graph)).toEqual({
    prompt: 'a harbour at dawn',
    seed: '18446744073709551615',
    steps: 30,
    cfg: 0,
    width: 1_024,
    height: 768,
    model: 'juniper.safetensors',
    loras: [{ name: 'film.safetensors', weight: 0.7 }, { name: 'b' }],
  })
})

test('what nobody knows the making of has no recipe', () => {
  expect(recipeOf(anAsset({ prompt: null, models: [], loras: [], seed: null }))).toBeUndefined()
})
