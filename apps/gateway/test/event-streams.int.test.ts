import { publishLive } from '@easel/bus'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, startTestGateway } from './support/start-gateway.ts'
import { Listener } from './support/sockets.ts'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
beforeAll(async () => void (server = await startTestGateway({ limits: { socketsPerUser: 0, sockets: 320 } })))
afterAll(() => server[Symbol.asyncDispose]())

const workflow = { '1': { class_type: 'EmptyImage', inputs: {} } }
const asAdmin = { headers: { authorization: `Bearer ${adminKey}` } }
const eventsUrl = () => `${server.gateway.url}/api/events`

async function submit(): Promise<{ id: string; spaceId: string }> {
  const { body } = await server.call('/api/jobs', { method: 'POST', json: { workflow } })
  return body
}

test('who resumes is told when it has all that it missed', async () => {
  using first = await Listener.open(eventsUrl(), asAdmin)
  const after = await waitFor(() => first.start)
  const missed = [await submit(), await submit()]
  await first.until('job.queued', missed[1]?.id)

  using second = await Listener.open(`${eventsUrl()}?after=${after}`, asAdmin)

  const marker = await second.until('stream.caught-up')
  expect(second.events.map(({ data }) => data.id)).toEqual([...missed.map(({ id }) => id), undefined])
  expect(marker).toMatchObject({ id: second.events[1]?.id, spaceId: null, data: { dropped: 0 } })
  expect(first.events.some(({ type }) => type === 'stream.caught-up')).toBe(false)
})

test('server-sent events that resume end their replay with the same word', async () => {
  using listener = await Listener.open(eventsUrl(), asAdmin)
  const after = await waitFor(() => listener.start)
  const { id } = await submit()
  const { id: cursor } = await listener.until('job.queued', id)

  const closing = new AbortController()
  const { body } = await fetch(eventsUrl(), {
    headers: { ...asAdmin.headers, accept: 'text/event-stream', 'last-event-id': after },
    signal: closing.signal,
  })
  let text = ''
  const reading = body!
    .pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream({ write: (part) => void (text += part) }))
  await waitFor(() => text.includes('event: stream.caught-up'))
  closing.abort()
  await reading.catch(() => undefined)

  expect(text).toContain(id)
  expect(text).toContain(`id: ${cursor}\nevent: stream.caught-up\n`)
})

test('who does not read is cut to the feed, hears how much it lost, and slows nobody', async () => {
  using slow = await Listener.open(eventsUrl(), asAdmin)
  using quick = await Listener.open(eventsUrl(), asAdmin)
  const { id, spaceId } = await submit()
  await Promise.all([slow.until('job.queued', id), quick.until('job.queued', id)])
  const { bus } = server.peers
  const calm = await delays(quick, spaceId, 'calm')
  slow.socket.pause()

  const bytes = Buffer.alloc(64 * 1024)
  for (let i = 0; i < 600; i++) {
    publishLive(bus, { spaceId, channel: 'job-preview', key: id, data: { i }, bytes })
    if (i % 20 === 0) await bus.connection.flush()
  }
  const stalled = await delays(quick, spaceId, 'stalled')
  await waitFor(() => quick.previews.length === 600)
  slow.socket.resume()

  const marker = await slow.until('stream.caught-up')
  expect(marker.data.dropped).toBeGreaterThan(0)
  expect(marker.id).toBe(quick.events.findLast((event) => event.id)?.id)
  expect(slow.events.filter(({ type }) => type === 'stream.caught-up')).toHaveLength(1)
  // Generous, for a machine that others use as well: what is looked for are seconds.
  expect(median(stalled)).toBeLessThan(median(calm) + 100)
})

test(
  'two hundred who resume at once after a restart all get what they missed',
  { timeout: 60_000 },
  async () => {
    using first = await Listener.open(eventsUrl(), asAdmin)
    const after = await waitFor(() => first.start)
    const missed = await Promise.all(Array.from({ length: 20 }, submit))
    for (const { id } of missed) await first.until('job.queued', id)
    const queued = first.events.map(({ data }) => data.id)
    const restarted = await server.startAnother()

    using listeners = new DisposableStack()
    const all = await Promise.all(
      Array.from({ length: 200 }, () => Listener.open(`${restarted.url}/api/events?after=${after}`, asAdmin)),
    )
    for (const listener of all) listeners.use(listener)

    for (const listener of all) {
      await listener.until('stream.caught-up')
      const told = listener.events.filter(({ type }) => type === 'job.queued')
      expect(told.map(({ data }) => data.id)).toEqual(queued)
    }
  },
)

test('a gateway has only so many streams', async () => {
  using listeners = new DisposableStack()
  const opened = await Promise.allSettled(
    Array.from({ length: 330 }, async () => listeners.use(await Listener.open(eventsUrl(), asAdmin))),
  )

  expect(opened.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(320)
})

/** From a publish to its arrival, in milliseconds. */
async function delays(listener: Listener, spaceId: string, key: string): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < 20; i++) {
    const name = `${key}-${i}`
    const sentAt = performance.now()
    publishLive(server.peers.bus, { spaceId, channel: 'job-progress', key: name, data: { name } })
    await waitFor(() => listener.events.some(({ data }) => data.name === name))
    taken.push(performance.now() - sentAt)
  }
  return taken
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
