import { publishFact, publishLive } from '@easel/bus'
import { jobChanged } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, adminPassword, startTestGateway } from './support/start-gateway.ts'
import { Listener, refusal } from './support/sockets.ts'
import type { JobChanged } from '@easel/contracts'
import type { TestGateway } from './support/start-gateway.ts'
import type { Event } from './support/sockets.ts'

let server: TestGateway
beforeAll(async () => void (server = await startTestGateway()))
afterAll(() => server[Symbol.asyncDispose]())

const workflow = { '1': { class_type: 'EmptyImage', inputs: {} } }
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })
const eventsUrl = () => `${server.gateway.url}/api/events`

async function submit(key = adminKey): Promise<{ id: string; spaceId: string }> {
  const { body } = await server.call('/api/jobs', { method: 'POST', key, json: { workflow } })
  return body
}

test('a socket hears of a job from the queue to its end, in order', async () => {
  using listener = await Listener.open(eventsUrl(), bearer(adminKey))

  const { id } = await submit()
  await server.peers.changeJob(id, { status: 'running' })
  await server.peers.changeJob(id, { status: 'succeeded' })

  await listener.until('job.succeeded', id)
  const own = listener.events.filter(({ data }) => data.id === id)
  expect(own.map(({ type }) => type)).toEqual(['job.queued', 'job.running', 'job.succeeded'])
  expect(own.every(({ id: cursor }) => /^\d+$/.test(cursor ?? ''))).toBe(true)
})

test('whatever a client says is answered, so that a page can tell that the server is there', async () => {
  using listener = await Listener.open(eventsUrl(), bearer(adminKey))

  listener.socket.send('ping')

  const answer = await listener.until('stream.alive')
  expect(answer.id).toBeUndefined()
})

test('progress comes as text, a preview as bytes after its header', async () => {
  using listener = await Listener.open(eventsUrl(), bearer(adminKey))
  const { id: key, spaceId } = await submit()
  await listener.until('job.queued', key)
  const { bus } = server.peers

  publishLive(bus, { spaceId, channel: 'job-progress', key, data: { jobId: key, value: 0.5 } })
  const bytes = Buffer.from('a picture')
  publishLive(bus, {
    spaceId,
    channel: 'job-preview',
    key,
    data: { jobId: key, mime: 'image/jpeg', node: '3' },
    bytes,
  })

  const progress = await listener.until('job.progress')
  expect(progress).toMatchObject({ spaceId, data: { jobId: key, value: 0.5 } })
  expect(progress.id).toBeUndefined()
  const preview = await waitFor(() => listener.previews[0])
  expect(preview.header).toMatchObject({ type: 'job.preview', data: { jobId: key, mime: 'image/jpeg' } })
  expect(preview.bytes.toString()).toBe('a picture')
})

test('nobody hears of the spaces of others', async () => {
  const stranger = await server.addUser('ear@example.com')
  using listener = await Listener.open(eventsUrl(), bearer(stranger.key))
  using owner = await Listener.open(eventsUrl(), bearer(adminKey))

  const job = await submit()
  publishLive(server.peers.bus, { spaceId: job.spaceId, channel: 'job-progress', key: job.id, data: {} })
  await owner.until('job.progress')
  const own = await submit(stranger.key)
  await listener.until('job.queued', own.id)

  expect(listener.events.every(({ spaceId }) => spaceId === stranger.spaceId)).toBe(true)
  const page = await server.call('/api/events?after=0&limit=200', { key: stranger.key })
  expect(page.body.items.every(({ spaceId }: Event) => spaceId === stranger.spaceId)).toBe(true)
})

test('a new member hears of the space at once, a former one no more', async () => {
  const user = await server.addUser('guest@example.com')
  const { body: space } = await server.call('/api/spaces', { method: 'POST', json: { name: 'Shared' } })
  using listener = await Listener.open(eventsUrl(), bearer(user.key))
  const submitThere = () =>
    server.call('/api/jobs', { method: 'POST', json: { workflow }, headers: { 'x-space': space.id } })

  await server.call(`/api/spaces/${space.id}/members`, {
    method: 'POST',
    json: { userId: user.id, role: 'viewer' },
  })
  const heard = await submitThere()
  await listener.until('job.queued', heard.body.id)
  await server.call(`/api/spaces/${space.id}/members/${user.id}`, { method: 'DELETE' })
  await submitThere()
  const own = await submit(user.key)
  await listener.until('job.queued', own.id)

  expect(listener.events.map(({ data }) => data.id)).toEqual([heard.body.id, own.id])
})

test('a revoked key ends its open socket within a second', async () => {
  const { body } = await server.call('/api/keys', { method: 'POST', json: { name: 'socket' } })
  using listener = await Listener.open(eventsUrl(), bearer(body.key))
  using other = await Listener.open(eventsUrl(), bearer(adminKey))

  await server.call(`/api/keys/${body.id}`, { method: 'DELETE' })

  await waitFor(() => listener.closed, { timeoutMs: 1_000 })
  expect(listener.closed).toMatchObject({ code: 1008, reason: 'revoked' })
  expect(other.closed).toBeUndefined()
})

test('a fact that cannot be shown does not hold up the others', async () => {
  using listener = await Listener.open(eventsUrl(), bearer(adminKey))
  const { bus } = server.peers
  for (const job of [undefined, { id: 'odd', spaceId: 'no id of a space' }]) {
    const payload = { event: 'job.queued', job } as unknown as JobChanged
    await publishFact(bus, jobChanged, { id: newId(), payload })
  }

  const { id } = await submit()

  expect(await listener.until('job.queued', id)).toMatchObject({ data: { id } })
})

test('a revoked key ends its watch of a job, too', async () => {
  const { body } = await server.call('/api/keys', { method: 'POST', json: { name: 'watch' } })
  const { id } = await submit()
  const response = await fetch(`${server.gateway.url}/api/jobs/${id}/events`, bearer(body.key))
  const text = response.text()

  await server.call(`/api/keys/${body.id}`, { method: 'DELETE' })

  expect(await text).toContain('event: job.queued')
})

test('a key that is revoked while its watch of a job is being opened ends that, too', async () => {
  const { body } = await server.call('/api/keys', { method: 'POST', json: { name: 'race' } })
  const { id } = await submit()
  server.peers.beforeJob = async () => {
    server.peers.beforeJob = undefined
    await server.call(`/api/keys/${body.id}`, { method: 'DELETE' })
  }

  const signal = AbortSignal.timeout(5_000)
  const response = await fetch(`${server.gateway.url}/api/jobs/${id}/events`, { ...bearer(body.key), signal })

  expect(await response.text()).not.toContain('job.succeeded')
})

test('a socket goes on after what was seen last', async () => {
  using first = await Listener.open(eventsUrl(), bearer(adminKey))
  const after = await waitFor(() => first.start)
  first.socket.terminate()
  const missed = await submit()

  using second = await Listener.open(`${eventsUrl()}?after=${after}`, bearer(adminKey))

  expect(await second.until('job.queued', missed.id)).toMatchObject({ spaceId: missed.spaceId })
})

test('a ticket opens one socket, once', async () => {
  const { body } = await server.call('/api/events/ticket', { method: 'POST' })
  const url = `${eventsUrl()}?ticket=${body.ticket}`

  using _listener = await Listener.open(url)

  expect(await refusal(url)).toBe(401)
})

test('a socket without credentials, or of another origin, is refused', async () => {
  const login = await server.call('/api/auth/login', {
    method: 'POST',
    key: null,
    json: { email: 'admin@example.com', password: adminPassword },
  })
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''

  expect(await refusal(eventsUrl())).toBe(401)
  expect(await refusal(eventsUrl(), bearer('esl_wrong'))).toBe(401)
  expect(await refusal(eventsUrl(), { headers: { cookie } })).toBe(403)
  expect(await refusal(eventsUrl(), { headers: { cookie }, origin: 'https://evil.example' })).toBe(403)
  using own = await Listener.open(eventsUrl(), { headers: { cookie }, origin: login.origin })
  expect(own.closed).toBeUndefined()
  expect(await refusal(`${server.gateway.url}/api/jobs`, bearer(adminKey))).toBe(404)
})

test('a message too large ends the socket', async () => {
  using listener = await Listener.open(eventsUrl(), bearer(adminKey))

  listener.socket.send(Buffer.alloc(100_000))

  await waitFor(() => listener.closed)
  expect(listener.closed?.code).toBe(1009)
})

test('a user has only so many streams', async () => {
  const { key } = await server.addUser('greedy@example.com')
  using listeners = new DisposableStack()
  for (let i = 0; i < 20; i++) listeners.use(await Listener.open(eventsUrl(), bearer(key)))

  expect(await refusal(eventsUrl(), bearer(key))).toBe(429)
})

test('who reads slowly costs little memory, and misses nothing that is durable', async () => {
  using slow = await Listener.open(eventsUrl(), bearer(adminKey))
  using quick = await Listener.open(eventsUrl(), bearer(adminKey))
  const { id, spaceId } = await submit()
  await slow.until('job.queued', id)
  slow.socket.pause()

  const before = process.memoryUsage().rss
  const frame = Buffer.alloc(64 * 1024)
  for (let i = 0; i < 2_000; i++) {
    publishLive(server.peers.bus, { spaceId, channel: 'job-preview', key: id, data: { i }, bytes: frame })
    if (i % 50 === 0) await server.peers.bus.connection.flush()
  }
  const name = 'x'.repeat(40_000)
  for (let i = 0; i < 60; i++) await server.peers.changeJob(id, { name: `${i}${name}`, status: 'running' })
  await server.peers.changeJob(id, { status: 'succeeded', name: null })
  await quick.until('job.succeeded', id)
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20)
  slow.socket.resume()

  await slow.until('job.succeeded', id)
  const types = slow.events.filter(({ data }) => data.id === id).map(({ type }) => type)
  expect(types).toEqual(['job.queued', ...Array.from({ length: 60 }, () => 'job.running'), 'job.succeeded'])
  expect(slow.previews.length).toBeLessThan(2_000)
})

test('the feed is paged by its cursor, the oldest first', async () => {
  const { id } = await submit()
  await server.peers.changeJob(id, { status: 'failed' })
  await waitFor(async () => (await ownEvents('0', id)).length === 2)

  const [first] = await ownEvents('0', id)
  const rest = await ownEvents(first?.id ?? '', id)

  expect(rest.map(({ type }) => type)).toEqual(['job.failed'])
})

async function ownEvents(after: string, id: string): Promise<Event[]> {
  const { body } = await server.call(`/api/events?after=${after}&limit=200`)
  return body.items.filter(({ data }: Event) => data.id === id)
}

test('every replica tells its own sockets', async () => {
  const other = await server.startAnother()
  using here = await Listener.open(eventsUrl(), bearer(adminKey))
  using there = await Listener.open(`${other.url}/api/events`, bearer(adminKey))

  const { id } = await submit()

  const event = await here.until('job.queued', id)
  expect(await there.until('job.queued', id)).toEqual(event)
})

test('when the gateway that writes the feed stops, another goes on', async () => {
  const other = await server.startAnother()
  using there = await Listener.open(`${other.url}/api/events`, bearer(adminKey))
  const { id } = await submit()
  await there.until('job.queued', id)

  await server.gateway[Symbol.asyncDispose]()
  await server.peers.changeJob(id, { status: 'succeeded' })

  expect(await there.until('job.succeeded', id)).toMatchObject({ data: { status: 'succeeded' } })
})
