import {
  consumeBatches,
  consumeFact,
  openInbox,
  openSnapshots,
  publishFact,
  publishLive,
  removeInbox,
  sendWork,
  subscribeLive,
} from '@easel/bus'
import { AppError } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { Paint, painted, startBus } from './support/sample.ts'
import type { LiveMessage, WorkItem } from '@easel/bus'

test('a fact published twice under one id is consumed once', async () => {
  await using nats = await startBus()
  const seen: string[] = []
  await publishFact(nats.bus, painted, { id: 'id-1', payload: { title: 'a' } })
  await publishFact(nats.bus, painted, { id: 'id-1', payload: { title: 'a' } })
  await publishFact(nats.bus, painted, { id: 'id-2', payload: { title: 'b' } })

  await using _consumer = await consumeFact(nats.bus, {
    consumer: 'gallery',
    fact: painted,
    handle: async ({ id, payload }) => void seen.push(`${id}:${payload.title}`),
  })

  await waitFor(() => seen.length === 2)
  expect(seen.sort()).toEqual(['id-1:a', 'id-2:b'])
})

test('a fact whose handling fails comes again, one that is refused does not', async () => {
  await using nats = await startBus()
  const seen: string[] = []
  await using _consumer = await consumeFact(nats.bus, {
    consumer: 'gallery',
    fact: painted,
    async handle({ payload, deliveries }) {
      seen.push(`${payload.title}:${deliveries}`)
      if (payload.title === 'flaky' && deliveries < 2) throw new AppError('unavailable', 'later')
      if (payload.title === 'bad') throw new AppError('conflict', 'no')
    },
  })

  await publishFact(nats.bus, painted, { id: '1', payload: { title: 'flaky' } })
  await publishFact(nats.bus, painted, { id: '2', payload: { title: 'bad' } })
  await publishFact(nats.bus, painted, { id: '3', payload: { title: 5 as never } })
  await publishFact(nats.bus, painted, { id: '4', payload: { title: 'good' } })

  await waitFor(() => seen.includes('flaky:2') && seen.includes('good:1'))
  expect(seen.filter((entry) => entry.startsWith('bad'))).toEqual(['bad:1'])
})

test('two consumers of one name share the facts, another name gets them all', async () => {
  await using nats = await startBus()
  const shared: string[] = []
  const other: string[] = []
  const consume = async (consumer: string, into: string[]) =>
    consumeFact(await nats.connect(), {
      consumer,
      fact: painted,
      handle: async ({ id }) => void into.push(id),
    })
  await using _one = await consume('shared', shared)
  await using _two = await consume('shared', shared)
  await using _three = await consume('other', other)

  for (let index = 0; index < 20; index++)
    await publishFact(nats.bus, painted, { id: `f${index}`, payload: { title: 'x' } })

  await waitFor(() => shared.length >= 20 && other.length >= 20)
  expect(new Set(shared).size).toBe(20)
  expect(shared).toHaveLength(20)
})

test('batches come in stream order and a failed batch comes again before the next', async () => {
  await using nats = await startBus()
  const handled: string[] = []
  let failures = 2
  for (let index = 0; index < 50; index++)
    await publishFact(nats.bus, painted, { id: `b${index}`, payload: { title: String(index) } })

  await using _consumer = await consumeBatches(nats.bus, {
    consumer: 'settler',
    facts: [painted],
    maxBatch: 7,
    async handle(batch) {
      if (failures-- > 0) throw new Error('the database is away')
      handled.push(...batch.map(({ payload }) => (payload as { title: string }).title))
    },
  })

  await waitFor(() => handled.length >= 50)
  expect(handled).toEqual(Array.from({ length: 50 }, (_, index) => String(index)))
})

test('the only consumer of a name goes on in order where a dead one was', async () => {
  await using nats = await startBus()
  const titles = Array.from({ length: 40 }, (_, index) => String(index))
  const publish = async (some: readonly string[]) => {
    for (const title of some) await publishFact(nats.bus, painted, { id: `o${title}`, payload: { title } })
  }
  const dying = await nats.connect()
  const titleOf = ({ payload }: { payload: object }) => (payload as { title: string }).title
  const consume = (bus: typeof dying, handle: (batch: readonly string[]) => Promise<void>) =>
    consumeBatches(bus, {
      consumer: 'writer',
      facts: [painted],
      sole: true,
      maxBatch: 5,
      handle: (batch) => handle(batch.map(titleOf)),
    })
  const first: string[] = []
  await consume(dying, async (batch) => {
    first.push(...batch)
    // The rest it holds, and does nothing with.
    if (first.length > 10) await new Promise(() => undefined)
  })
  await publish(titles.slice(0, 30))
  await waitFor(() => first.length > 10)
  await dying.connection.close()

  const second: string[] = []
  const started = performance.now()
  await using _next = await consume(nats.bus, async (batch) => void second.push(...batch))
  await publish(titles.slice(30))

  await waitFor(() => second.at(-1) === '39')
  expect(second).toEqual(titles.slice(Number(second[0])))
  expect(Number(second[0])).toBeLessThanOrEqual(first.length)
  expect(performance.now() - started).toBeLessThan(4_000)
})

test('work that was not done comes back to the same inbox', async () => {
  await using nats = await startBus()
  await sendWork(nats.bus, 'w1', { id: 'job:1', payload: { title: 'a' } })
  await sendWork(nats.bus, 'w1', { id: 'job:1', payload: { title: 'a' } })
  await sendWork(nats.bus, 'w2', { id: 'job:2', payload: { title: 'b' } })
  const items: WorkItem<Paint>[] = []
  await using _inbox = await openInbox(nats.bus, {
    worker: 'w1',
    message: Paint,
    slots: 2,
    handle: async (item) => void items.push(item),
  })

  await waitFor(() => items.length === 1)
  items[0]!.release(1)
  await waitFor(() => items.length === 2)
  await items[1]!.done()

  expect(items.map(({ payload, deliveries }) => [payload.title, deliveries])).toEqual([
    ['a', 1],
    ['a', 2],
  ])
  await removeInbox(nats.bus, 'w2')
  const { messages } = (await nats.bus.manager.streams.info(nats.bus.stream('WORK'))).state
  expect(messages).toBe(0)
})

test('live messages reach who listens to their space, with their bytes', async () => {
  await using nats = await startBus()
  const seen: LiveMessage[] = []
  using _subscription = subscribeLive(nats.bus, { spaceId: 's1' }, (message) => seen.push(message))

  publishLive(nats.bus, { spaceId: 's2', channel: 'job-progress', key: 'j0', data: { value: 0.1 } })
  publishLive(nats.bus, { spaceId: 's1', channel: 'job-progress', key: 'j1', data: { value: 0.5 } })
  publishLive(nats.bus, {
    spaceId: 's1',
    channel: 'job-preview',
    key: 'j1',
    data: { mime: 'image/png' },
    bytes: Uint8Array.of(1, 2),
  })

  await waitFor(() => seen.length === 2)
  expect(seen[0]).toEqual({ spaceId: 's1', channel: 'job-progress', key: 'j1', data: { value: 0.5 } })
  expect(seen[1]).toMatchObject({ channel: 'job-preview', data: { mime: 'image/png' } })
  expect([...seen[1]!.bytes!]).toEqual([1, 2])
})

test('a snapshot is the last one put, until it is removed', async () => {
  await using nats = await startBus()
  const snapshots = await openSnapshots(nats.bus, 'JOBS')

  await snapshots.put('j1', { value: 0.1 })
  await snapshots.put('j1', { value: 0.2 })

  expect(await snapshots.get('j1')).toEqual({ value: 0.2 })
  expect(await snapshots.get('j2')).toBeUndefined()
  await snapshots.remove('j1')
  expect(await snapshots.get('j1')).toBeUndefined()
})

test('a batch that takes longer than the server waits is not delivered a second time', async () => {
  await using nats = await startBus()
  const seen: number[] = []
  await publishFact(nats.bus, painted, { id: 'slow', payload: { title: 'a' } })
  const released = Promise.withResolvers<void>()
  await using _consumer = await consumeBatches(nats.bus, {
    consumer: 'slow',
    facts: [painted],
    async handle(batch) {
      seen.push(...batch.map(({ deliveries }) => deliveries))
      await released.promise
    },
  })
  await waitFor(() => seen.length === 1)
  const stream = nats.bus.stream('FACTS')
  const info = () => nats.bus.manager.consumers.info(stream, 'slow__in_order')
  const { config } = await info()

  // Twice what the server waits for a sign of life.
  const until = performance.now() + (Number(config.ack_wait) / 1e6) * 2
  await waitFor(() => performance.now() > until, { timeoutMs: 30_000 })
  released.resolve()

  await waitFor(async () => (await info()).num_ack_pending === 0)
  expect(seen).toEqual([1])
}, 60_000)

test('a consumer goes on where it was when a new release gives it other settings', async () => {
  await using nats = await startBus()
  const seen: string[] = []
  const start = (concurrency: number) =>
    consumeFact(nats.bus, {
      consumer: 'gallery',
      fact: painted,
      concurrency,
      handle: async ({ payload }) => void seen.push(payload.title),
    })
  await publishFact(nats.bus, painted, { id: '1', payload: { title: 'before' } })
  const old = await start(2)
  await waitFor(() => seen.length === 1)
  await old[Symbol.asyncDispose]()

  await using _new = await start(8)
  await publishFact(nats.bus, painted, { id: '2', payload: { title: 'after' } })

  await waitFor(() => seen.length === 2)
  expect(seen).toEqual(['before', 'after'])
})

test('a consumer that is disposed of while it opens anew ends', async () => {
  await using nats = await startBus()
  const { consumers } = nats.bus.manager
  const info = consumers.info.bind(consumers)
  const opening = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const consumer = await consumeFact(nats.bus, { consumer: 'gallery', fact: painted, async handle() {} })
  consumers.info = async (...asked) => {
    opening.resolve()
    await gate.promise
    return info(...asked)
  }
  const [made] = await consumers.list(nats.bus.stream('FACTS')).next()
  await consumers.delete(nats.bus.stream('FACTS'), made!.name)
  await opening.promise

  const disposed = consumer[Symbol.asyncDispose]()
  gate.resolve()

  await expect(disposed).resolves.toBeUndefined()
})
