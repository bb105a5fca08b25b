import type { CreateDownload } from '@easel/contracts'
import { expect, test } from 'vitest'
import { wishesOf } from './wishes.ts'

test('an address is no wish to be resolved', () => {
  expect(wishesOf({ url: 'http://x/a.safetensors', folder: 'loras' })).toBeUndefined()
})

test.each<[CreateDownload, object]>([
  [
    { source: 'civitai', modelId: '5' },
    { source: 'civitai', modelId: '5' },
  ],
  [
    { source: 'civitai', versionId: '5', fileId: '6' },
    { source: 'civitai', versionId: '5', fileId: '6' },
  ],
  [
    { source: 'hash', hash: 'ABCDEF0123' },
    { source: 'hash', hash: 'ABCDEF0123' },
  ],
  [
    { source: 'huggingface', repo: 'a/b', patterns: ['*.gguf'] },
    { repo: 'a/b', patterns: ['*.gguf'] },
  ],
  [{ source: 'reference', reference: 'hf://a/b/c.gguf' }, { reference: 'hf://a/b/c.gguf' }],
  [
    { source: 'bundle', bundleId: 'wan22', variant: 'fp8' },
    { bundleId: 'wan22', variant: 'fp8' },
  ],
])('%j is one wish', (input, wish) => {
  expect(wishesOf({ ...input, priority: 3, folder: 'loras' })).toEqual([{ source: input.source, ...wish }])
})

test('several wishes go as they are', () => {
  const files = [
    { source: 'civitai', versionId: '1' },
    { source: 'hash', hash: 'ABCDEF0123' },
  ] as const

  expect(wishesOf({ source: 'files', files: [...files] })).toEqual(files)
})

test.each<[CreateDownload, string]>([
  [{ source: 'civitai' }, 'versionId'],
  [{ source: 'hash' }, 'hash'],
  [{ source: 'huggingface', path: 'a.gguf' }, 'repo'],
  [{ source: 'huggingface', repo: 'a/b', path: 'a.gguf', patterns: ['*'] }, 'patterns'],
  [{ source: 'reference' }, 'reference'],
  [{ source: 'bundle' }, 'bundleId'],
  [{ source: 'files' }, 'files'],
  [{ source: 'files', files: [{ source: 'hash' }] }, 'files.0.hash'],
])('%j says what is missing', (input, path) => {
  expect(() => wishesOf(input)).toThrow(
    expect.objectContaining({
      code: 'invalid',
      extra: expect.objectContaining({ faults: [expect.objectContaining({ path })] }),
    }),
  )
})
