import { expect, test } from 'vitest'
import { nameOfModel, readModelName, readModelsSearch, toQuery } from './models-search.ts'

test('what an address holds and nobody knows is left out', () => {
  expect(
    readModelsSearch({
      type: 'lora',
      sort: 'constructor',
      nsfw: 'very',
      tab: 'search',
      installed: 'true',
      junk: 1,
    }),
  ).toEqual({
    type: 'lora',
    installed: true,
  })
})

test('a search for digits stays a text', () => {
  expect(readModelsSearch({ q: 2049 })).toEqual({ q: '2049' })
})

test('every filter reaches the question', () => {
  expect(
    toQuery({
      q: 'cat',
      source: 'civitai',
      type: 'lora',
      base: 'sdxl',
      nsfw: 'r',
      commercial: true,
      favorite: true,
    }),
  ).toEqual({
    q: 'cat',
    sources: ['civitai'],
    type: ['lora'],
    base: ['sdxl'],
    maxNsfw: 'r',
    commercialUse: true,
    favorite: true,
  })
})

test('a name with a slash and a colon comes back as it went in', () => {
  expect(readModelName(nameOfModel({ source: 'huggingface', id: 'owner/name:x' }))).toEqual({
    source: 'huggingface',
    id: 'owner/name:x',
  })
  expect(readModelName('nowhere:1')).toBeUndefined()
})
