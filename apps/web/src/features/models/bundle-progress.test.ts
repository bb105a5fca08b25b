import { expect, test } from 'vitest'
import { variantsOf, withProgress } from './bundle-progress.ts'
import type { BundleFileStatus, BundleStatus, BundleView, DownloadView } from '@easel/client'

const aFile = (file: Partial<BundleFileStatus>): BundleFileStatus => ({
  folder: 'vae',
  filename: 'a.safetensors',
  urls: [],
  state: 'missing',
  progress: 0,
  ...file,
})

test('a file that is coming counts as far as it is', () => {
  const files = [
    aFile({ bytes: 100 }),
    aFile({ filename: 'b.safetensors', bytes: 300, state: 'present', progress: 1 }),
  ]
  const status: BundleStatus = {
    id: 'x',
    state: 'partial',
    progress: 0.75,
    bytesPresent: 300,
    bytesTotal: 400,
    files,
  }
  const coming = {
    files: [{ folder: 'vae', filename: 'a.safetensors', status: 'running', bytesDone: 50, bytesTotal: 100 }],
  } as unknown as DownloadView

  expect(withProgress(status, [coming])).toMatchObject({
    bytesPresent: 350,
    bytesTotal: 400,
    progress: 0.875,
  })
  expect(withProgress(status, [])).toMatchObject({ bytesPresent: 300, progress: 0.75 })
})

test('precisions are offered where there is a choice', () => {
  const files = [
    aFile({ precision: 'bf16' }),
    aFile({ choice: 'T5', precision: 'fp8' }),
    aFile({ choice: 'T5', precision: 'fp16' }),
  ]
  expect(variantsOf({ files } as unknown as BundleView)).toEqual(['fp8', 'fp16'])
  expect(variantsOf({ files: files.slice(0, 2) } as unknown as BundleView)).toEqual([])
})
