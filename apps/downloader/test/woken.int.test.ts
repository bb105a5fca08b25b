import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { TransferFiles } from '../src/transfers/transfer-files.ts'
import { startDownloaderProcess } from './support/downloader-process.ts'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import { openHubHouse } from './support/open-test-hub.ts'
import { openHouse } from './support/start-downloader.ts'
import type { DownloaderHouse } from './support/start-downloader.ts'

const partials = async (directory: string) => (await readdir(join(directory, '.easel-partial'))).toSorted()
/** Past the service: requests to a frozen replica are answered by nobody. */
async function until(house: DownloaderHouse, condition: string): Promise<{ status: string; sha256: string }> {
  const reached = () =>
    house.sql(`select status, sha256 from downloader.transfers where ${condition}`, []) as Promise<
      { status: string; sha256: string }[]
    >
  return await waitFor(async () => (await reached())[0], { timeoutMs: 40_000 })
}

const roomy = { require: () => Promise.resolve() }

test(
  'a replica that was frozen past its lease and wakes writes nothing into what another has taken over',
  { timeout: 90_000 },
  async () => {
    await using house = await openHouse()
    await using server = await startFileServer()
    const before = aModel(8_000_000, 'before')
    const after = aModel(8_000_000, 'after')
    await using child = await startDownloaderProcess({ ...house.env })
    const url = server.put('/m.safetensors', before, { bytesPerSecond: 300_000 })
    await house.client.createDownload({ url, folder: 'loras' })
    await waitFor(() => server.sent('/m.safetensors') > 1_500_000, { timeoutMs: 20_000 })

    child.freeze()
    server.put('/m.safetensors', after, { totalBytesPerSecond: () => 1_500_000 })
    await house.start()
    await until(house, `epoch = 2 and status = 'running' and bytes_done > 2000000`)
    child.wake()
    const ended = await until(house, `status in ('completed', 'failed')`)

    expect(ended).toMatchObject({ status: 'completed', sha256: sha256(after) })
    expect((await readFile(join(house.directory, 'loras/m.safetensors'))).equals(after)).toBe(true)
    await waitFor(async () => (await partials(house.directory)).length === 0)
  },
)

test('what a frozen replica has fetched is not fetched again', { timeout: 90_000 }, async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const bytes = aModel(6_000_000)
  await using child = await startDownloaderProcess({ ...house.env })
  const url = server.put('/m.safetensors', bytes, { bytesPerSecond: 300_000 })
  await house.client.createDownload({ url, folder: 'loras', sha256: sha256(bytes) })
  await waitFor(() => server.sent('/m.safetensors') > 3_000_000, { timeoutMs: 20_000 })

  child.freeze()
  server.put('/m.safetensors', bytes)
  const asked = server.requests.length
  await house.start()
  const ended = await until(house, `status in ('completed', 'failed')`)

  expect(ended).toMatchObject({ status: 'completed', sha256: sha256(bytes) })
  const sent = server.requests.slice(asked).reduce((sum, request) => sum + request.sent, 0)
  expect(sent).toBeLessThan(5_000_000)
})

test('a claim that was given up too late removes only its own', async () => {
  await using house = await openHubHouse()
  const files = new TransferFiles(house.directory)
  const id = newId()
  const taking = { boot: 'b', space: roomy, signal: new AbortController().signal, verifiedBytes: null }
  const early = await files.takeOver({ id, epoch: 1 }, taking)
  const late = await files.takeOver({ id, epoch: 2 }, taking)
  await writeFile(late.path, 'late')
  await writeFile(early.path, 'woken')

  await files.removePartial(id, { before: 2 })
  expect(await partials(house.directory)).toEqual([`${id}.2`])

  await writeFile(early.path, 'woken')
  await writeFile(early.journal, 'woken')
  await files.removeOutdated()
  expect(await partials(house.directory)).toEqual([`${id}.2`])
})

test('the file of a release before, which had one for all claims, is gone on with', async () => {
  await using house = await openHubHouse()
  const files = new TransferFiles(house.directory)
  const id = newId()
  const { path } = files.partial({ id, epoch: 1 })
  await writeFile(path.replace(/\.1$/, ''), 'verified')

  const taken = await files.takeOver(
    { id, epoch: 5 },
    { boot: 'b', space: roomy, signal: new AbortController().signal, verifiedBytes: 8 },
  )

  expect(await readFile(taken.path, 'utf8')).toBe('verified')
  expect(await stat(path.replace(/\.1$/, '')).catch(() => null)).toBeNull()
})
