import { expect, test } from 'vitest'
import { readWishes } from './wish.ts'

const hash = 'a'.repeat(64)

test.each([
  ['https://example.org/a.safetensors', { source: 'url', url: 'https://example.org/a.safetensors' }],
  ['https://civitai.com/models/4201', { source: 'reference', reference: 'https://civitai.com/models/4201' }],
  ['https://huggingface.co/o/n', { source: 'reference', reference: 'https://huggingface.co/o/n' }],
  [
    'https://huggingface.co.evil.example/o/n',
    { source: 'url', url: 'https://huggingface.co.evil.example/o/n' },
  ],
  ['urn:air:sdxl:lora:civitai:1@2', { source: 'reference', reference: 'urn:air:sdxl:lora:civitai:1@2' }],
  ['hf://o/n/a.safetensors', { source: 'reference', reference: 'hf://o/n/a.safetensors' }],
  ['civitai:4201', { source: 'civitai', modelId: '4201' }],
  ['civitai:4201@4202', { source: 'civitai', versionId: '4202' }],
  ['civitai:@4202', { source: 'civitai', versionId: '4202' }],
  ['hf:o/n', { source: 'huggingface', repo: 'o/n' }],
  [
    'hf:o/n@v1/unet/a.safetensors',
    { source: 'huggingface', repo: 'o/n', revision: 'v1', path: 'unet/a.safetensors' },
  ],
  ['bundle:wan22-i2v', { source: 'bundle', bundleId: 'wan22-i2v' }],
  [hash, { source: 'hash', hash }],
])('%s is asked for as %j', (text, wish) => {
  expect(readWishes([text], {})).toEqual(wish)
})

test('with a folder an address is just a file, wherever it is', () => {
  const url = 'https://huggingface.co/o/n/resolve/main/a.safetensors'

  expect(readWishes([url], { folder: 'loras' })).toEqual({ source: 'url', url })
})

test('options ask as well', () => {
  expect(readWishes([], { versionId: '1', fileId: '3' })).toEqual({
    source: 'civitai',
    versionId: '1',
    fileId: '3',
  })
  expect(readWishes([], { repo: 'o/n', pattern: ['*.gguf'], revision: 'v1' })).toEqual({
    source: 'huggingface',
    repo: 'o/n',
    revision: 'v1',
    patterns: ['*.gguf'],
  })
  expect(readWishes([], { bundle: 'b', variant: 'fp8' })).toEqual({
    source: 'bundle',
    bundleId: 'b',
    variant: 'fp8',
  })
})

test('several are one download', () => {
  expect(readWishes(['civitai:1', 'hf:o/n/a'], { hash })).toEqual({
    source: 'files',
    files: [
      { source: 'civitai', modelId: '1' },
      { source: 'huggingface', repo: 'o/n', path: 'a' },
      { source: 'hash', hash },
    ],
  })
})

test.each([[[]], [['nonsense']], [['--x']], [['civitai:1', 'https://example.org/a']]])(
  '%j is refused',
  (texts: string[]) => {
    expect(() => readWishes(texts, {})).toThrow(/Say what to download|is neither something|ask for it alone/)
  },
)
