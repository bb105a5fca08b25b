import { expect, test } from 'vitest'
import { recognise, wishOf } from './recognise.ts'

test.each([
  ['https://civitai.com/models/4384/dreamshaper', 'civitai', 'civitai:4384'],
  ['https://civitai.com/models/4384?modelVersionId=128713', 'civitai', 'civitai:4384'],
  ['civitai.com/models/4384', 'civitai', 'civitai:4384'],
  ['https://civitai.com/api/download/models/128713', 'civitai', undefined],
  ['https://huggingface.co/owner/name', 'huggingface', 'huggingface:owner/name'],
  ['https://huggingface.co/owner/name/resolve/main/a.safetensors', 'huggingface', 'huggingface:owner/name'],
  ['owner/name', 'huggingface', 'huggingface:owner/name'],
  ['hf://owner/name/a.safetensors', 'huggingface', undefined],
  ['urn:air:sdxl:lora:civitai:1@2', 'air', undefined],
  ['6ce0161689', 'hash', undefined],
  ['https://civitai.com.example.com/models/1', 'url', undefined],
])('%s is recognised as %s', (text, kind, model) => {
  const found = recognise(text)
  expect(found?.kind).toBe(kind)
  expect(found?.model).toBe(model)
})

test.each(['', 'a castle', 'javascript:alert(1)', 'deadbeef'])(
  '%j is nothing that can be fetched',
  (text) => {
    expect(recognise(text)).toBeUndefined()
  },
)

test('each is asked for in its own way, and only the address of a file with a folder', () => {
  expect(wishOf(' 6CE0161689 ', 'vae')).toEqual({ source: 'hash', hash: '6CE0161689' })
  expect(wishOf('owner/name', 'vae')).toEqual({ source: 'reference', reference: 'hf://owner/name' })
  expect(wishOf('civitai:4384', 'vae')).toEqual({ source: 'reference', reference: 'civitai:4384' })
  expect(wishOf('https://example.com/a.safetensors', 'vae')).toEqual({
    source: 'url',
    url: 'https://example.com/a.safetensors',
    folder: 'vae',
  })
})
