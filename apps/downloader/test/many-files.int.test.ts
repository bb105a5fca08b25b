import { consumeFact, subscribeLive } from '@easel/bus'
import { downloadChanged } from '@easel/contracts'
import type { DownloadView } from '@easel/contracts'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { aModel, startFileServer } from './support/file-server.ts'
import type { FileFaults, FileServer } from './support/file-server.ts'
import { aResolvedFile } from './support/stand-in-catalog.ts'
import type { StandInCatalog } from './support/stand-in-catalog.ts'
import { anActor, openHouse } from './support/start-downloader.ts'

const size = 400_000
const bundle = { source: 'bundle', bundleId: 'wan' } as const

/** A bundle of files, by name, with the faults of each. */
function offer(catalog: StandInCatalog, server: FileServer, files: Record<string, FileFaults>): void {
  const found = Object.entries(files).map(([name, faults]) => {
    const bytes = aModel(size, name)
    const url = server.put(`/${name}.safetensors`, bytes, faults)
    return aResolvedFile({ urls: [url], filename: `${name}.safetensors`, bytes: bytes.length, title: 'Wan' })
  })
  catalog.resolve = () => found
}

const statuses = ({ files = [] }: DownloadView) => files.map(({ status }) => status)

test('several files are one download, with sums and one end', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await Promise.all([house.start(), house.start()])
  const catalog = await house.catalog()
  const slow = { totalBytesPerSecond: () => 200_000 }
  offer(catalog, server, { a: slow, b: slow, c: slow })
  const actor = anActor()
  const told: DownloadView[] = []
  const events: string[] = []
  using _live = subscribeLive(house.bus, { channel: 'download-progress' }, ({ data }) => {
    told.push(data as unknown as DownloadView)
  })
  await using _facts = await consumeFact(house.bus, {
    consumer: 'test',
    fact: downloadChanged,
    handle: async ({ payload }) => void events.push(payload.event),
  })

  const begun = performance.now()
  const created = await house.as(actor).createDownload(bundle)
  const running = await waitFor(() => told.find((view) => (view.bytesPerSecond ?? 0) > 0 && view.etaSeconds))
  const done = await waitFor(
    async () => {
      const view = await house.as(actor).getDownload({ id: created.id })
      return view.status === 'completed' ? view : undefined
    },
    { timeoutMs: 30_000 },
  )
  const seconds = (performance.now() - begun) / 1_000

  const total = created.files!.reduce((sum, { bytesTotal }) => sum + bytesTotal!, 0)
  expect(created).toMatchObject({ status: 'queued', title: 'Wan', bytesTotal: total, bytesDone: 0 })
  expect(running).toMatchObject({ status: 'running', bytesTotal: total })
  expect(done).toMatchObject({ bytesDone: total, verification: 'unverified', finishedAt: expect.any(String) })
  expect(statuses(done)).toEqual(['completed', 'completed', 'completed'])
  await waitFor(() => events.length >= 2)
  expect(events).toEqual(['download.queued', 'download.completed'])
  expect(told.length).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 2)
  expect(told.every(({ bytesTotal }) => bytesTotal === total)).toBe(true)
  expect(Math.max(...told.map(({ bytesDone }) => bytesDone))).toBeGreaterThan(size)
})

test('one failed file fails the download when the rest has ended, and alone is tried again', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  offer(catalog, server, { good: {}, bad: { answers: [{ status: 404 }] } })
  const { id } = await house.client.createDownload(bundle)

  const failed = await house.until(id, 'failed')
  const fetched = server.fetches('/good.safetensors').length
  await house.client.retryDownload({ id })
  const done = await house.until(id, 'completed', 'failed')

  expect(statuses(failed)).toEqual(['completed', 'failed'])
  expect(failed.error).toMatchObject({ code: 'SOURCE_NOT_FOUND', message: expect.stringContaining('1 of 2') })
  expect(done).toMatchObject({ status: 'completed', error: null })
  expect(server.fetches('/good.safetensors')).toHaveLength(fetched)
})

test('a pause, a resume and a cancel are for all files, but not for what others want', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  const slow = { totalBytesPerSecond: () => 50_000 }
  offer(catalog, server, { mine: slow, shared: slow })
  const other = house.as(anActor())
  const { id } = await house.client.createDownload(bundle)
  const theirs = await other.createDownload({
    url: `${server.url}/shared.safetensors`,
    folder: 'loras',
    filename: 'shared.safetensors',
  })
  await house.until(id, 'running')

  const paused = await house.client.pauseDownload({ id })
  expect(paused.status).toBe('paused')
  expect(statuses(paused)).toEqual(['paused', 'paused'])
  await waitFor(async () => (await other.getDownload({ id: theirs.id })).status === 'running')
  expect(theirs.transferId).toBe(paused.files![1]!.transferId)

  const resumed = await house.client.resumeDownload({ id })
  expect(['queued', 'running']).toContain(resumed.status)
  await house.client.cancelDownload({ id })
  const canceled = await house.client.getDownload({ id })
  expect(canceled).toMatchObject({ status: 'canceled', finishedAt: expect.any(String) })
  expect(statuses(canceled)).toEqual(['canceled', 'canceled'])
  server.put('/shared.safetensors', aModel(size, 'shared'))
  await waitFor(async () => (await other.getDownload({ id: theirs.id })).status === 'completed', {
    timeoutMs: 20_000,
  })
  await waitFor(() =>
    server.requests.filter(({ path }) => path.includes('mine')).every(({ closed }) => closed),
  )
})

test('the same file named twice is brought once', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  offer(catalog, server, { a: {} })
  const wish = { source: 'bundle', bundleId: 'wan' } as const

  const { id, files } = await house.client.createDownload({ source: 'files', files: [wish, wish] })

  expect(files).toHaveLength(1)
  await house.until(id, 'completed')
})

test('ten people who want the same bundle at once, of two replicas, have each file brought once', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await Promise.all([house.start(), house.start()])
  const catalog = await house.catalog()
  // Slow enough that nobody comes when a file is there already: without a hash it would be fetched again.
  const slow = { totalBytesPerSecond: () => 200_000 }
  offer(catalog, server, { a: slow, b: slow, c: slow, d: slow })
  const people = Array.from({ length: 10 }, () => house.as(anActor()))

  const created = await Promise.all(people.map((person) => person.createDownload(bundle)))
  await waitFor(
    async () => {
      const views = await Promise.all(people.map((person, at) => person.getDownload({ id: created[at]!.id })))
      return views.every(({ status }) => status === 'completed')
    },
    { timeoutMs: 20_000 },
  )

  const total = aModel(size, 'a').length * 4
  const sent = ['a', 'b', 'c', 'd'].reduce((sum, name) => sum + server.sent(`/${name}.safetensors`), 0)
  expect(sent).toBe(total)
})
