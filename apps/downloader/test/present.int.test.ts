import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { consumeFact } from '@easel/bus'
import { downloadChanged, filePlaced } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { tempDirectory, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import { aLibraryFile, aResolvedFile } from './support/stand-in-catalog.ts'
import type { StandInCatalog } from './support/stand-in-catalog.ts'
import { anActor, openHouse } from './support/start-downloader.ts'
import type { DownloaderHouse } from './support/start-downloader.ts'

const bytes = aModel()
const hash = sha256(bytes)
const wish = { url: 'http://models.invalid/a.safetensors', folder: 'loras', sha256: hash } as const

/** A file that the library knows. */
async function keep(house: DownloaderHouse, catalog: StandInCatalog, path: string): Promise<void> {
  const file = join(house.directory, path)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, bytes)
  const { mtime } = await stat(file)
  const known = { path, bytes: bytes.length, sha256: hash, modifiedAt: mtime.toISOString() }
  catalog.library.push(aLibraryFile(known))
}

test('what lies in the library under the wanted name is done at once, with the same facts', async () => {
  await using house = await openHouse()
  await house.start()
  const catalog = await house.catalog()
  await keep(house, catalog, 'loras/a.safetensors')
  const events: string[] = []
  const placed: string[] = []
  await using _changes = await consumeFact(house.bus, {
    consumer: 'test',
    fact: downloadChanged,
    handle: async ({ payload }) => void events.push(payload.event),
  })
  await using _places = await consumeFact(house.bus, {
    consumer: 'test',
    fact: filePlaced,
    handle: async ({ payload }) => void placed.push(payload.path),
  })

  const done = await house.client.createDownload(wish)

  expect(done).toMatchObject({
    status: 'completed',
    verification: 'verified',
    sha256: hash,
    bytesDone: bytes.length,
  })
  expect(done.files).toEqual([expect.objectContaining({ reused: true, filename: 'a.safetensors' })])
  await waitFor(() => events.length === 2 && placed.length === 1)
  expect(events).toEqual(['download.queued', 'download.completed'])
  expect(placed).toEqual(['loras/a.safetensors'])
})

test('what lies in the library under another name is linked', async () => {
  await using house = await openHouse()
  await house.start()
  const catalog = await house.catalog()
  await keep(house, catalog, 'checkpoints/old/castle.safetensors')

  const done = await house.client.createDownload({ ...wish, filename: 'mine.safetensors' })

  expect(done).toMatchObject({ status: 'completed', folder: 'loras', filename: 'mine.safetensors' })
  expect((await readFile(join(house.directory, 'loras/mine.safetensors'))).equals(bytes)).toBe(true)
  expect((await readFile(join(house.directory, 'checkpoints/old/castle.safetensors'))).equals(bytes)).toBe(
    true,
  )
})

test('what was downloaded before is not fetched again, under any name', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const url = server.put('/a.safetensors', bytes)
  const first = await house.client.createDownload({ ...wish, url })
  await house.until(first.id, 'completed')
  const fetched = server.requests.length

  const second = await house
    .as(anActor())
    .createDownload({ ...wish, url, folder: 'vae', filename: 'b.safetensors' })

  expect(second).toMatchObject({ status: 'completed', filename: 'b.safetensors' })
  expect(second.files![0]!.reused).toBe(true)
  expect((await readFile(join(house.directory, 'vae/b.safetensors'))).equals(bytes)).toBe(true)
  expect(server.requests).toHaveLength(fetched)
})

test("another program's file is linked and left alone", async () => {
  await using house = await openHouse()
  await using elsewhere = await tempDirectory()
  await house.start()
  const catalog = await house.catalog()
  const absolutePath = join(elsewhere.path, 'theirs.safetensors')
  await writeFile(absolutePath, bytes)
  catalog.external.push({
    id: newId(),
    foundBy: 'sha256',
    absolutePath,
    name: 'theirs',
    bytes: bytes.length,
    sha256: hash,
  })

  const done = await house.client.createDownload({ ...wish, filename: 'ours.safetensors' })

  expect(done).toMatchObject({ status: 'completed', filename: 'ours.safetensors', verification: 'verified' })
  expect((await readFile(join(house.directory, 'loras/ours.safetensors'))).equals(bytes)).toBe(true)
  expect((await readFile(absolutePath)).equals(bytes)).toBe(true)
})

test('a file that is no longer what the library knew is fetched', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  await keep(house, catalog, 'checkpoints/changed.safetensors')
  const file = join(house.directory, 'checkpoints/changed.safetensors')
  await writeFile(file, aModel(200_000, 'other'))
  await utimes(file, new Date(), new Date(Date.now() + 60_000))
  const url = server.put('/a.safetensors', bytes)

  const { id } = await house.client.createDownload({ ...wish, url })
  const done = await house.until(id, 'completed', 'failed')

  expect(done).toMatchObject({ status: 'completed', verification: 'verified' })
  expect(done.files![0]!.reused).toBe(false)
  expect((await readFile(join(house.directory, 'loras/a.safetensors'))).equals(bytes)).toBe(true)
})

test('of a bundle only what is missing is fetched', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  await keep(house, catalog, 'loras/here.safetensors')
  const other = aModel(100_000, 'other')
  catalog.resolve = () => [
    aResolvedFile({ urls: ['http://models.invalid/here'], filename: 'here.safetensors', sha256: hash }),
    aResolvedFile({
      urls: [server.put('/there', other)],
      filename: 'there.safetensors',
      sha256: sha256(other),
    }),
  ]

  const { id } = await house.client.createDownload({ source: 'bundle', bundleId: 'both' })
  const done = await house.until(id, 'completed', 'failed')

  expect(done.files!.map(({ status, reused }) => [status, reused])).toEqual([
    ['completed', true],
    ['completed', false],
  ])
})
