import { readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ContractServer, publishFact } from '@easel/bus'
import { inference, jobChanged } from '@easel/contracts'
import type { JobView, WorkerView } from '@easel/contracts'
import { newId } from '@easel/protocol'
import type { Handlers } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { anActor } from './support/start-downloader.ts'
import { openHubHouse, someBytes } from './support/open-test-hub.ts'
import type { HubHouse } from './support/open-test-hub.ts'
import type { Hub } from '../src/hub/open-hub.ts'

const signal = new AbortController().signal
const admin = anActor({ role: 'admin' })

async function place(house: HubHouse, hub: Hub, filename: string): Promise<string> {
  const { path, file } = await house.partial(someBytes(1_000), { filename: `${filename}.safetensors` })
  await hub.placement.place(path, file, signal)
  return file.sha256
}

function aJob(changes: Partial<JobView>): JobView {
  const now = new Date().toISOString()
  return {
    id: newId(),
    kind: 'workflow',
    status: 'queued',
    priority: 'normal',
    pool: 'default',
    outputs: [],
    timings: {},
    attempts: [],
    warnings: [],
    usage: { gpuSeconds: 0, costMicros: 0 },
    spaceId: newId(),
    createdBy: newId(),
    createdAt: now,
    ...changes,
  }
}

const names = async (house: HubHouse) =>
  (await readdir(join(house.directory, 'loras'))).map((name) => name.split('.')[0])

test('the budget is kept by letting go of what was used longest ago', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  house.budget.bytes = 3_000
  for (const name of ['a', 'b', 'c']) await place(house, hub, name)
  const [{ sha256 }] = (
    await house.database.query(`select sha256 from hub_names where name = 'a.safetensors'`)
  ).rows as [{ sha256: string }]
  await hub.service.locate([sha256])
  await house.store.hub.release('workers')

  const last = await place(house, hub, 'd')

  expect(await names(house)).toEqual(['a', 'c', 'd'])
  const evicted = await hub.service.list({ state: 'evicted' })
  expect(evicted.rows.map(({ paths }) => paths)).toEqual([['loras/b.safetensors']])
  expect(await house.store.hub.find(last)).toMatchObject({ state: 'present' })
})

test('what is pinned, leased, or somebody else’s stays; when that is all, the placement is refused with DISK_FULL', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  house.budget.bytes = 2_000
  const pinned = await place(house, hub, 'pinned')
  const used = await place(house, hub, 'used')
  await hub.service.pin(admin, pinned, true)
  await house.store.hub.lease('job 1', [used], 60_000)
  const { path, file } = await house.partial(someBytes(1_000), { filename: 'more.safetensors' })

  const sought = { folder: 'loras', filename: null, sha256: file.sha256, bytes: 1_000 }
  await expect(hub.placement.find(sought, signal)).rejects.toMatchObject({ extra: { reason: 'DISK_FULL' } })
  await expect(hub.placement.place(path, file, signal)).rejects.toMatchObject({
    code: 'exhausted',
    extra: { reason: 'DISK_FULL' },
  })

  expect(await names(house)).toEqual(['pinned', 'used'])
})

test('what was used a moment ago is not evicted', async () => {
  await using house = await openHubHouse()
  const hub = await house.open({ recentMs: 60_000 })
  await place(house, hub, 'a')
  house.budget.bytes = 10

  await hub.sweep()

  expect(await names(house)).toEqual(['a'])
})

test('a lowered budget is met at the next round, and a name that was let go of can be fetched again', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes(1_000)
  const { path, file } = await house.partial(bytes)
  await hub.placement.place(path, file, signal)
  await place(house, hub, 'b')
  house.budget.bytes = 1_000
  await hub.sweep()
  expect(await names(house)).toEqual(['b'])

  house.budget.bytes = 2_000
  const again = await house.partial(bytes)
  await hub.placement.place(again.path, again.file, signal)

  expect(await names(house)).toEqual(['a', 'b'])
  expect(await readFile(join(house.directory, 'loras/a.safetensors'))).toEqual(bytes)
})

test('a crash in the middle of an eviction is carried on by the next sweep', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const sha256 = await place(house, hub, 'a')
  await house.store.hub.markEvicted(sha256, -60_000)
  expect(await names(house)).toEqual(['a'])

  await hub.sweep()

  expect(await names(house)).toEqual([])
  await expect(stat(house.blobOf(sha256))).rejects.toThrow('ENOENT')
})

test('a content that was given up a moment ago gets no further name', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const sha256 = await place(house, hub, 'a')
  const sought = { folder: 'loras', filename: 'late.safetensors', sha256, bytes: 1_000 }

  // Between the word that it goes and its going, the other one has its turn.
  const found = await house.store.transact(async (tx) => {
    await tx.hub.lock(sha256)
    const finding = hub.placement.find(sought, signal)
    await waitFor(async () => {
      const { rows } = await house.database.query(
        `select from pg_locks where locktype = 'advisory' and not granted`,
      )
      return rows.length > 0
    })
    expect(await tx.hub.markEvicted(sha256, -60_000)).toBe(true)
    return { finding }
  })

  await expect(found.finding).resolves.toBeUndefined()
  await hub.sweep()
  expect(await names(house)).toEqual([])
})

test('contents that nobody names go after a while, pinned ones never', async () => {
  await using house = await openHubHouse()
  const hub = await house.open({ namelessMs: 0 })
  const [one, other] = [await place(house, hub, 'a'), await place(house, hub, 'b')]
  await house.database.query('delete from hub_names')
  for (const name of ['a', 'b']) await unlink(join(house.directory, `loras/${name}.safetensors`))
  await hub.service.pin(admin, other, true)

  await hub.sweep()

  expect(await house.store.hub.find(one)).toMatchObject({ state: 'evicted' })
  expect(await house.store.hub.find(other)).toMatchObject({ state: 'present' })
})

test('a job that waits or runs holds its models until it has ended', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const sha256 = await place(house, hub, 'a')
  const id = newId()
  const tell = (status: JobView['status']) => {
    const job = aJob({ id, status, models: ['a.safetensors'] })
    return publishFact(house.bus, jobChanged, { id: newId(), payload: { event: `job.${status}`, job } })
  }

  await tell('queued')
  await waitFor(() => house.store.hub.isInUse(sha256), { describe: 'a lease' })
  await expect(hub.service.evict(admin, sha256)).rejects.toMatchObject({
    extra: { reason: 'CONTENT_IN_USE' },
  })
  await tell('succeeded')
  await waitFor(async () => !(await house.store.hub.isInUse(sha256)), { describe: 'the end of the lease' })

  await expect(hub.service.evict(admin, sha256)).resolves.toMatchObject({ state: 'evicted' })
  expect(await hub.index.find(sha256)).toBeNull()
})

/** Inference, as far as the hub asks it. */
async function serveWorkers(house: HubHouse, warm: string[]): Promise<AsyncDisposable> {
  const worker = { id: 'w1', pool: 'default', state: 'ready', simulator: true, runSlots: 1, warm } as const
  const items = [{ ...worker, attempts: [], labels: [], version: '1', lastSeenAt: new Date().toISOString() }]
  const listWorkers = async () => ({ items: items as WorkerView[] })
  const none = async () => Promise.reject(new Error('The hub asks for nothing else'))
  const others = Object.fromEntries(Object.keys(inference.rpcs).map((name) => [name, none]))
  const server = new ContractServer(house.bus)
  server.serve(inference, { ...others, listWorkers } as unknown as Handlers<typeof inference>)
  await new Promise<void>((resolve, reject) => {
    void server.listen((error?: unknown) => (error ? reject(error as Error) : resolve()))
  })
  return { [Symbol.asyncDispose]: () => server.close() }
}

test('what a ComfyUI holds in memory is not deleted by hand', async () => {
  await using house = await openHubHouse()
  await using _inference = await serveWorkers(house, ['loaded.safetensors'])
  const hub = await house.open()
  const [loaded, other] = [await place(house, hub, 'loaded'), await place(house, hub, 'other')]

  await expect(hub.service.evict(admin, loaded)).rejects.toMatchObject({
    code: 'conflict',
    extra: { reason: 'CONTENT_IN_USE' },
  })
  await expect(hub.service.evict(admin, other)).resolves.toMatchObject({ state: 'evicted' })

  expect(await names(house)).toEqual(['loaded'])
})

test('members may look but not change', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const sha256 = await place(house, hub, 'a')
  const member = anActor()

  for (const change of [
    () => hub.service.pin(member, sha256, true),
    () => hub.service.evict(member, sha256),
    () => hub.service.verify(member, undefined),
  ]) {
    await expect(change()).rejects.toMatchObject({ code: 'forbidden' })
  }
})
