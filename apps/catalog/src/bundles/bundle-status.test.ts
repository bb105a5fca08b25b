import type { BundleFile, TransferProgress } from '@easel/contracts'
import { expect, test } from 'vitest'
import { bundleStatus } from './bundle-status.ts'
import type { Held, Seen } from './bundle-status.ts'

const sha = (letter: string) => letter.repeat(64)

function aFile(changes: Partial<BundleFile> = {}): BundleFile {
  return {
    folder: 'vae',
    filename: 'a.safetensors',
    urls: ['https://example.com/a'],
    bytes: 100,
    sha256: sha('a'),
    ...changes,
  }
}

function seen(held: Held[] = [], transfers: TransferProgress[] = []): Seen {
  return {
    byHash: new Map(held.flatMap((file) => (file.sha256 ? [[file.sha256, file]] : []))),
    byPath: new Map(held.map((file) => [file.path, file])),
    transfers: new Map(transfers.map((transfer) => [transfer.path, transfer])),
  }
}

const statusOf = (files: BundleFile[], what: Seen, variant?: string) =>
  bundleStatus({ id: 'b', files }, what, variant)

test('a file is present when its hash is right, wherever it lies', () => {
  const status = statusOf(
    [aFile()],
    seen([{ path: 'vae/renamed.safetensors', bytes: 100, sha256: sha('a') }]),
  )

  expect(status).toMatchObject({ state: 'present', progress: 1, bytesPresent: 100, bytesTotal: 100 })
  expect(status.files[0]).toMatchObject({ state: 'present', path: 'vae/renamed.safetensors' })
})

test('a file of the right name and size but another hash is wrong', () => {
  const status = statusOf([aFile()], seen([{ path: 'vae/a.safetensors', bytes: 100, sha256: sha('b') }]))

  expect(status).toMatchObject({ state: 'missing', progress: 0 })
  expect(status.files[0]).toMatchObject({ state: 'wrong' })
})

test('a partial file shows how much of it is here, and is complete only after its hash', () => {
  const short = statusOf([aFile()], seen([{ path: 'vae/a.safetensors', bytes: 40, sha256: null }]))
  const whole = statusOf([aFile()], seen([{ path: 'vae/a.safetensors', bytes: 100, sha256: null }]))

  expect(short.files[0]).toMatchObject({ state: 'partial', progress: 0.4 })
  expect(whole.files[0]).toMatchObject({ state: 'partial' })
  expect(whole.state).toBe('partial')
  expect(whole.progress).toBeLessThan(1)
})

test('a transfer shows its progress', () => {
  const transfer = { path: 'vae/a.safetensors', status: 'running', bytesDone: 25, bytesTotal: 100 }

  const running = statusOf([aFile()], seen([], [transfer]))
  const failed = statusOf([aFile()], seen([], [{ ...transfer, status: 'failed' }]))

  expect(running.files[0]).toMatchObject({ state: 'downloading', progress: 0.25 })
  expect(running).toMatchObject({ state: 'partial', bytesPresent: 25 })
  expect(failed.files[0]).toMatchObject({ state: 'partial', progress: 0.25 })
})

test('one of several precisions is enough, and the one that is asked for counts', () => {
  const files = [
    aFile({ choice: 'model', precision: 'fp8' }),
    aFile({ filename: 'b.safetensors', sha256: sha('b'), bytes: 200, choice: 'model', precision: 'bf16' }),
  ]
  const held = seen([{ path: 'vae/b.safetensors', bytes: 200, sha256: sha('b') }])

  expect(statusOf(files, held)).toMatchObject({
    state: 'present',
    bytesTotal: 200,
    files: [{ precision: 'bf16' }],
  })
  expect(statusOf(files, held, 'fp8')).toMatchObject({ state: 'missing', files: [{ precision: 'fp8' }] })
})

test('what is only of use does not keep a bundle from being whole', () => {
  const files = [aFile(), aFile({ filename: 'turbo.safetensors', sha256: sha('c'), optional: true })]

  const status = statusOf(files, seen([{ path: 'vae/a.safetensors', bytes: 100, sha256: sha('a') }]))

  expect(status.state).toBe('present')
  expect(status.files.map(({ state }) => state)).toEqual(['present', 'missing'])
})
