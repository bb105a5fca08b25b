import { expect, test } from 'vitest'
import { recipeOf } from './recipe-of.ts'
import type { ExampleView, ModelView, VersionView } from '@easel/client'

const version = { triggerWords: ['ink style', 'inked'], files: [{ name: 'ink.safetensors', primary: true }] }
const of = (type: ModelView['type']) => ({
  model: { type } as ModelView,
  version: version as unknown as VersionView,
})
const anExample = (example: Partial<ExampleView>): ExampleView => ({
  kind: 'image',
  url: 'https://example.com/1.jpeg',
  nsfw: 'pg',
  ...example,
})

test('what the maker of an example told becomes a recipe, LoRAs apart from the prompt', () => {
  const example = anExample({
    prompt: 'a fox, inked <lora:ink_v1:0.8>, mist',
    negative: 'blurry',
    meta: {
      seed: 8_723_847_239,
      steps: 28,
      cfg: 5,
      sampler: 'DPM++ 2M',
      scheduler: 'Karras',
      size: '832x1216',
      model: 'brass_v3',
      clipSkip: 2,
    },
  })

  expect(recipeOf(example, of('lora'))).toEqual({
    prompt: 'a fox, inked, mist',
    negative: 'blurry',
    seed: '8723847239',
    steps: 28,
    cfg: 5,
    sampler: 'DPM++ 2M',
    scheduler: 'Karras',
    width: 832,
    height: 1216,
    model: 'brass_v3',
    loras: [{ name: 'ink_v1', weight: 0.8 }],
  })
})

test('a checkpoint is its own model, and words that its maker did not use are not added', () => {
  const example = anExample({ prompt: 'a fox', meta: { model: 'something else' } })

  expect(recipeOf(example, of('lora'))).toEqual({ prompt: 'a fox', model: 'something else' })
  expect(recipeOf(example, of('checkpoint'))).toEqual({ prompt: 'a fox', model: 'ink.safetensors' })
})

test('values that are nothing of the kind are left out', () => {
  const meta = {
    seed: -1,
    steps: 'many',
    cfg: Number.NaN,
    size: 'large',
    loras: [null, { name: 5 }],
    sampler: '',
  }

  expect(recipeOf(anExample({ prompt: 'a fox', meta }), of('vae'))).toEqual({ prompt: 'a fox' })
  expect(recipeOf(anExample({}), of('vae'))).toBeUndefined()
})
