import { expect, test } from 'vitest'
import { mirrored, wishOf } from './reference.ts'

test.each([
  ['urn:air:sdxl:checkpoint:civitai:101055@128078', { modelId: '101055', versionId: '128078' }],
  ['urn:air:sd1:lora:civitai:328553@368189:safetensors', { modelId: '328553', versionId: '368189' }],
  ['civitai:101055', { modelId: '101055' }],
  ['https://civitai.com/models/4384/dreamshaper', { modelId: '4384' }],
  ['https://civitai.com/models/4384?modelVersionId=128713', { modelId: '4384', versionId: '128713' }],
  ['civitai.com/models/4384', { modelId: '4384' }],
  ['https://civitai.red/api/download/models/128713?fileId=9', { versionId: '128713', fileId: '9' }],
  ['https://civitai.com/api/v1/model-versions/128713', { versionId: '128713' }],
])('%s is a wish for CivitAI', (reference, wish) => {
  expect(wishOf(reference)).toEqual({ source: 'civitai', ...wish })
})

test.each([
  ['hf://stabilityai/sdxl-vae', {}],
  ['hf://stabilityai/sdxl-vae/sdxl_vae.safetensors', { path: 'sdxl_vae.safetensors' }],
  ['hf://stabilityai/sdxl-vae@refs%2Fpr%2F1/a/b.bin', { revision: 'refs/pr/1', path: 'a/b.bin' }],
  ['https://huggingface.co/stabilityai/sdxl-vae', {}],
  ['https://huggingface.co/stabilityai/sdxl-vae/tree/main', { revision: 'main' }],
  ['https://hf.co/stabilityai/sdxl-vae/tree/main/a', { revision: 'main', patterns: ['a/*'] }],
  [
    'https://huggingface.co/stabilityai/sdxl-vae/blob/main/a/b%20c.bin',
    { revision: 'main', path: 'a/b c.bin' },
  ],
  [
    'https://huggingface.co/stabilityai/sdxl-vae/resolve/fp16/x.bin?download=true',
    { revision: 'fp16', path: 'x.bin' },
  ],
  ['urn:air:sdxl:vae:huggingface:stabilityai/sdxl-vae@main', { revision: 'main' }],
])('%s is a wish for Hugging Face', (reference, wish) => {
  expect(wishOf(reference)).toEqual({ source: 'huggingface', repo: 'stabilityai/sdxl-vae', ...wish })
})

test('a host that was configured stands for its source', () => {
  const urls = { civitai: 'http://127.0.0.1:9000', huggingface: 'http://127.0.0.1:9001' }

  expect(wishOf('http://127.0.0.1:9000/models/7', urls)).toEqual({ source: 'civitai', modelId: '7' })
  expect(wishOf('http://127.0.0.1:9001/a/b', urls)).toEqual({ source: 'huggingface', repo: 'a/b' })
})

test.each([
  'https://example.com/models/4384',
  'https://civitai.com.example.com/models/4384',
  'https://civitai.com/user/someone',
  'https://huggingface.co/datasets/a/b',
  'hf://datasets/a/b',
  'hf://a/b/../../c',
  'hf://__proto__/b',
  'https://huggingface.co/a/b/resolve/main',
  'urn:air:sdxl:checkpoint:civitai:abc',
  'file:///etc/passwd',
  '%',
  '',
])('%s is no reference', (reference) => {
  expect(() => wishOf(reference)).toThrow(
    expect.objectContaining({ extra: expect.objectContaining({ reason: 'REFERENCE_INVALID' }) }),
  )
})

test('an address is told at the mirror that is set', () => {
  const address = 'https://huggingface.co/a/b/resolve/main/x.bin?download=true'

  expect(mirrored(address, { huggingface: 'http://mirror:8000' })).toBe(
    'http://mirror:8000/a/b/resolve/main/x.bin?download=true',
  )
  expect(mirrored(address, { huggingface: 'https://huggingface.co' })).toBe(address)
  expect(mirrored('https://example.com/x', { huggingface: 'http://mirror:8000' })).toBe(
    'https://example.com/x',
  )
})
