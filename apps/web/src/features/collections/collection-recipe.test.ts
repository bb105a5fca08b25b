import { expect, test } from 'vitest'
import { recipeOf } from './collection-recipe.ts'

type Entry = Parameters<typeof recipeOf>[1][number]

const entry = (more: Partial<Entry>): Entry => ({
  id: 'one',
  lora: { source: 'civitai', versionId: '1' },
  title: 'Castle',
  triggerWords: ['castle', 'tower'],
  state: 'installed',
  fileName: 'castle.safetensors',
  weight: 0.8,
  baseImages: [],
  ...more,
})

test('a recipe has the prompts, the words and the LoRAs that are here', () => {
  const recipe = recipeOf({ prompt: 'architecture, ' }, [
    entry({ prompt: 'a castle' }),
    entry({ id: 'two', fileName: 'own/mill.safetensors', trigger: 'mll', weight: 1 }),
    entry({ id: 'three', state: 'available', fileName: null, triggerWords: ['missing'], prompt: 'not here' }),
  ])

  expect(recipe).toEqual({
    prompt: 'architecture, a castle',
    triggerWords: ['castle', 'mll'],
    loras: [
      { name: 'castle.safetensors', weight: 0.8 },
      { name: 'own/mill.safetensors', weight: 1 },
    ],
  })
})

test('where nothing is said, nothing is written', () => {
  expect(recipeOf({ prompt: null }, [entry({ triggerWords: [], prompt: ' ' })])).toEqual({
    loras: [{ name: 'castle.safetensors', weight: 0.8 }],
  })
})
