import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { startDownloaderProcess } from './support/downloader-process.ts'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import type { FileServer } from './support/file-server.ts'
import { anActor, openHouse } from './support/start-downloader.ts'
import type { DownloaderHouse } from './support/start-downloader.ts'

type Client = DownloaderHouse['client']

const admin = (house: DownloaderHouse) => house.as(anActor({ role: 'admin' }))
const slow = (bytesPerSecond: number) => ({ totalBytesPerSecond: () => bytesPerSecond })

/** Asks for so many small files that take a while each. */
async function ask(client: Client, server: FileServer, names: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const name of names) {
    const url = server.put(`/${name}.safetensors`, aModel(60_000, name), slow(200_000))
    ids.push((await client.createDownload({ url, folder: 'loras' })).id)
  }
  return ids
}

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at}`)

/** Runs of transfers that overlap in time, as the database has seen them. */
async function running(house: DownloaderHouse): Promise<string[]> {
  const rows = await house.sql(
    `select filename, url from downloader.transfers where status in ('running', 'verifying') order by url`,
    [],
  )
  return (rows as { url: string }[]).map(({ url }) => url)
}

test('with a limit of two, eight files of two replicas are never more than two at once', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await Promise.all([house.start(), house.start()])
  await admin(house).updateSettings({ maxConcurrent: 2 })
  const ids = await ask(house.client, server, numbered('file', 8))

  let most = 0
  await waitFor(
    async () => {
      most = Math.max(most, (await running(house)).length)
      const { items } = await house.client.listDownloads({ status: ['completed'] })
      return items.length === ids.length
    },
    { timeoutMs: 40_000 },
  )

  expect(most).toBeLessThanOrEqual(2)
  expect(most).toBeGreaterThan(0)
})

test("one person's many files do not stand before another's one", async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  await admin(house).updateSettings({ maxConcurrent: 1 })
  await ask(house.client, server, numbered('many', 12))
  const other = house.as(anActor())
  const [single] = await ask(other, server, ['single'])

  const done = await waitFor(
    async () => {
      const view = await other.getDownload({ id: single! })
      return view.status === 'completed' ? view : undefined
    },
    { timeoutMs: 30_000 },
  )

  const before = await house.client.listDownloads({ status: ['completed'] })
  expect(done.status).toBe('completed')
  expect(before.items.length).toBeLessThan(8)
})

test('what is more urgent goes first, whenever that is said', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  await admin(house).updateSettings({ maxConcurrent: 1 })
  const ids = await ask(house.client, server, numbered('file', 6))

  const raised = await house.client.setPriority({ id: ids[5]!, priority: 5 })
  await house.until(ids[5]!, 'completed')

  const { items } = await house.client.listDownloads({ status: ['completed'] })
  expect(raised.priority).toBe(5)
  expect(items.length).toBeLessThan(5)
  await expect(house.as(anActor()).setPriority({ id: ids[0]!, priority: 1 })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('of one server only so many files are taken at once, of others meanwhile more', async () => {
  await using house = await openHouse()
  await using one = await startFileServer()
  await using two = await startFileServer()
  await house.start()
  await admin(house).updateSettings({ maxConcurrent: 4, maxConnectionsPerHost: 1 })
  const ids = [
    ...(await ask(house.client, one, numbered('a', 4))),
    ...(await ask(house.client, two, numbered('b', 4))),
  ]

  let mostOfOne = 0
  let most = 0
  await waitFor(
    async () => {
      const urls = await running(house)
      most = Math.max(most, urls.length)
      for (const { url } of [one, two]) {
        mostOfOne = Math.max(mostOfOne, urls.filter((each) => each.startsWith(url)).length)
      }
      const { items } = await house.client.listDownloads({ status: ['completed'] })
      return items.length === ids.length
    },
    { timeoutMs: 40_000 },
  )

  expect(mostOfOne).toBe(1)
  expect(most).toBe(2)
})

test('many are paused, resumed and canceled at once, by name or all of a space', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  await admin(house).updateSettings({ maxConcurrent: 1 })
  const blocker = server.put('/blocker.safetensors', aModel(3_000_000, 'b'), slow(20_000))
  const first = await house.client.createDownload({ url: blocker, folder: 'vae' })
  await house.until(first.id, 'running')
  const ids = await ask(house.client, server, numbered('file', 5))

  const paused = await house.client.act({ action: 'pause', ids: ids.slice(0, 3) })
  const again = await house.client.act({ action: 'pause', ids: ids.slice(0, 4) })
  const resumed = await house.client.act({ action: 'resume' })
  const canceled = await house.client.act({ action: 'cancel' })

  expect(paused).toEqual({ changed: ids.slice(0, 3), unchanged: [] })
  expect(again).toEqual({ changed: [ids[3]], unchanged: ids.slice(0, 3) })
  expect(resumed.changed.toSorted()).toEqual(ids.slice(0, 4).toSorted())
  expect(canceled.changed).toHaveLength(6)
  expect((await house.client.listDownloads({})).items.every(({ status }) => status === 'canceled')).toBe(true)
})

test('nobody acts on what is not his', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  await admin(house).updateSettings({ maxConcurrent: 1 })
  const [mine] = await ask(house.client, server, ['mine'])
  const stranger = house.as(anActor())
  const { spaceId } = await house.client.getDownload({ id: mine! })
  const viewer = house.as(anActor({ role: 'viewer', spaces: { [spaceId]: 'viewer' } }))

  for (const ids of [[mine!], [newId()]]) {
    await expect(stranger.act({ action: 'cancel', ids })).rejects.toMatchObject({
      reason: 'DOWNLOAD_NOT_FOUND',
    })
  }
  await expect(stranger.act({ action: 'cancel', spaceId })).rejects.toMatchObject({
    reason: 'SPACE_NOT_FOUND',
  })
  await expect(viewer.act({ action: 'cancel', spaceId })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(viewer.setPriority({ id: mine!, priority: 1 })).rejects.toMatchObject({ code: 'forbidden' })
  expect(await stranger.act({ action: 'cancel' })).toEqual({ changed: [], unchanged: [] })
})

test('lists are filtered by source and by part of a name', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const ids = await ask(house.client, server, ['castle', 'Tower', 'bridge'])
  for (const id of ids) await house.until(id, 'completed')

  const found = async (query: object) =>
    (await house.client.listDownloads(query)).items.map(({ filename }) => filename)

  expect(await found({ q: 'TOW' })).toEqual(['Tower.safetensors'])
  expect(await found({ q: '%' })).toEqual([])
  expect(await found({ source: 'civitai' })).toEqual([])
  expect(await found({ source: 'url', status: ['completed'] })).toHaveLength(3)
})

test('transfers are found by the place or the hash of their file', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const bytes = aModel(1_000_000)
  const url = server.put('/slow.safetensors', bytes, slow(100_000))
  await house.client.createDownload({
    url,
    folder: 'loras',
    filename: 'slow.safetensors',
    sha256: sha256(bytes),
  })

  const asked = ['loras/slow.safetensors', sha256(bytes), 'loras/none.safetensors', '%']
  const { items } = await house.as(anActor()).findTransfers({ paths: asked })

  expect(items.map(({ path }) => path).toSorted()).toEqual(asked.slice(0, 2).toSorted())
  expect(items[0]).toMatchObject({ sha256: sha256(bytes), bytesDone: expect.any(Number) })
})

test('what a killed replica had under way is brought by another', { timeout: 60_000 }, async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const child = await startDownloaderProcess({ ...house.env })
  const bytes = aModel(2_000_000)
  const url = server.put('/long.safetensors', bytes, slow(400_000))
  const { id } = await house.client.createDownload({ url, folder: 'loras', sha256: sha256(bytes) })
  await waitFor(() => server.sent('/long.safetensors') > 300_000, { timeoutMs: 20_000 })

  await child.kill()
  await house.start()
  const done = await waitFor(
    async () => {
      const view = await house.client.getDownload({ id })
      return view.status === 'completed' || view.status === 'failed' ? view : undefined
    },
    { timeoutMs: 40_000 },
  )

  expect(done).toMatchObject({ status: 'completed', verification: 'verified' })
})
