import { createHash } from 'node:crypto'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestGateway } from './support/start-gateway.ts'
import { eventOf, idOf, startReceiver, verify, WebhookUser } from './support/webhooks.ts'
import type { RecordedServer } from '@easel/testing'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
let receiver: RecordedServer
let ann: WebhookUser
beforeAll(async () => void (server = await startTestGateway()))
afterAll(() => server[Symbol.asyncDispose]())

let people = 0
beforeEach(async () => {
  receiver = await startReceiver()
  ann = new WebhookUser(server, (await server.addUser(`ann${people++}@example.com`)).key)
  return () => receiver[Symbol.asyncDispose]()
})

const hook = () => `${receiver.url}/hook`
const heard = (count: number) =>
  waitFor(() => receiver.requests.length >= count && receiver.requests, { describe: `${count} requests` })

test('the end of a job arrives, signed', async () => {
  const { id, secret } = await ann.create(hook())

  const job = await ann.runJob()

  const [request] = await heard(1)
  expect(request && eventOf(request)).toMatchObject({
    type: 'job.succeeded',
    id: expect.stringMatching(/^\d+$/),
    timestamp: expect.stringMatching(/Z$/),
    data: { id: job, status: 'succeeded' },
  })
  expect(request?.headers['content-type']).toBe('application/json')
  expect(request && verify(request, secret)).toMatchObject({ type: 'job.succeeded' })
  expect(await ann.deliveryWith(id, { status: 'delivered' })).toMatchObject({
    id: request && idOf(request),
    attempts: 1,
    lastStatus: 200,
    lastError: null,
    subject: job,
  })
})

test('only what it asked for comes', async () => {
  await ann.create(hook(), { events: ['job.failed', 'asset.*'] })
  const all = await startReceiver()
  await using _all = all
  await ann.create(`${all.url}/hook`, { events: ['job.*'] })

  await ann.runJob({}, 'succeeded')
  const failed = await ann.runJob({}, 'failed')

  await waitFor(() => all.requests.length === 6)
  await heard(1)
  expect(receiver.requests.map(eventOf)).toMatchObject([{ type: 'job.failed', data: { id: failed } }])
})

test('what fails comes again, the same to the byte and with the same id', async () => {
  receiver.on('POST /hook', { status: 500 }, { status: 503 }, { cutAfterBytes: 0 }, { status: 204 })
  const { id, secret } = await ann.create(hook())

  await ann.runJob()

  const requests = await heard(4)
  expect(new Set(requests.map(idOf)).size).toBe(1)
  expect(new Set(requests.map(({ body }) => body.toString())).size).toBe(1)
  for (const request of requests) expect(() => verify(request, secret)).not.toThrow()
  const delivery = await ann.deliveryWith(id, { status: 'delivered' })
  const details = await ann.send('GET', `/api/webhooks/${id}/deliveries/${String(delivery.id)}`)
  expect(details.body.log).toMatchObject([
    { number: 1, status: 500, error: 'STATUS' },
    { number: 2, status: 503, error: 'STATUS' },
    { number: 3, status: null, error: 'UNREACHABLE' },
    { number: 4, status: 204, error: null },
  ])
  expect((await ann.send('GET', `/api/webhooks/${id}`)).body.failingSince).toBeNull()
})

test('events of one job come one after the other, those of others do not wait', async () => {
  let refusals = 3
  receiver.on('POST /hook', (request) => {
    const { type, data } = eventOf(request)
    return type === 'job.queued' && data.id === slow && refusals-- > 0 ? { status: 500 } : { status: 200 }
  })
  await ann.create(hook(), { events: ['job.*'] })
  const slow = (await ann.submit()).id
  await server.peers.changeJob(slow, { status: 'running' })
  await server.peers.changeJob(slow, { status: 'succeeded' })
  const quick = await ann.runJob()

  await heard(9)
  const of = (job: string) =>
    receiver.requests
      .map(eventOf)
      .filter(({ data }) => data.id === job)
      .map(({ type }) => type)
  expect(of(slow)).toEqual([
    'job.queued',
    'job.queued',
    'job.queued',
    'job.queued',
    'job.running',
    'job.succeeded',
  ])
  expect(of(quick)).toEqual(['job.queued', 'job.running', 'job.succeeded'])
})

test('a URL that a job names hears of its end, signed with the secret of its space', async () => {
  const { body: webhook } = await ann.send('POST', '/api/webhooks', { kind: 'job-urls' })

  const job = await ann.runJob({ webhookUrl: hook() })

  const [request] = await heard(1)
  expect(request && verify(request, webhook.secret)).toMatchObject({
    type: 'job.succeeded',
    data: { id: job },
  })
  expect(await ann.deliveryWith(webhook.id, { status: 'delivered' })).toMatchObject({
    url: hook(),
    subject: job,
  })
  expect(receiver.requests).toHaveLength(1)
})

test('a space that never asked for a secret has one by then, to be rotated', async () => {
  receiver.on('POST /hook', { status: 500 }, { status: 200 })
  await ann.runJob({ webhookUrl: hook() })
  await heard(2)

  const { body } = await ann.send('GET', '/api/webhooks')
  const [webhook] = body.items
  expect(webhook).toMatchObject({ kind: 'job-urls', url: null })
  const rotated = await ann.send('POST', `/api/webhooks/${webhook.id}/rotate-secret`)

  await ann.runJob({ webhookUrl: hook() })
  const [, , third] = await heard(3)
  expect(() => third && verify(third, rotated.body.secret)).not.toThrow()
})

test("a URL with a name longer than any name is nobody else's trouble", async () => {
  // Letters in no order, so that no compression makes it short enough for an index.
  const digits = Array.from({ length: 110 }, (_, nth) => createHash('sha256').update(`${nth}`).digest())
  const label = (bytes: Buffer) => String.fromCodePoint(...Array.from(bytes).slice(0, 15).map(letter))
  const letter = (byte: number, place: number) => 0xac00 + byte * 43 + place
  const host = digits.map(label).join('.')
  await ann.create(hook())

  const odd = await ann.runJob({ webhookUrl: `https://${host}/` })
  const next = await ann.runJob()

  const requests = await heard(2)
  expect(requests.map(eventOf)).toMatchObject([{ data: { id: odd } }, { data: { id: next } }])
})

test('what users see of events names no webhook', async () => {
  await ann.runJob({ webhookUrl: `${hook()}?token=hidden` })
  await heard(1)

  const { text } = await ann.send('GET', '/api/events?after=0')

  expect(text).toContain('job.succeeded')
  expect(text).not.toContain('token=hidden')
})

test('after a rotation both secrets verify', async () => {
  const { id, secret } = await ann.create(hook())
  const rotated = await ann.send('POST', `/api/webhooks/${id}/rotate-secret`)

  await ann.runJob()

  const [request] = await heard(1)
  expect(rotated.body.secret).not.toBe(secret)
  expect(rotated.body.previousSecretUntil).toEqual(expect.any(String))
  expect(() => request && verify(request, secret)).not.toThrow()
  expect(() => request && verify(request, rotated.body.secret)).not.toThrow()
  expect(String(request?.headers['webhook-signature']).split(' ')).toHaveLength(2)
})

test('the secret of before ends after its day', async () => {
  const { id, secret } = await ann.create(hook())
  const rotated = await ann.send('POST', `/api/webhooks/${id}/rotate-secret`)
  await server.sql(`update webhooks set previous_until = now() - interval '1 second' where id = $1`, [id])

  await ann.runJob()

  const [request] = await heard(1)
  expect(() => request && verify(request, secret)).toThrow('No matching signature found')
  expect(() => request && verify(request, rotated.body.secret)).not.toThrow()
})

test('one can be tried out', async () => {
  const { id, secret } = await ann.create(hook())

  const sent = await ann.send('POST', `/api/webhooks/${id}/test`)

  const [request] = await heard(1)
  expect(sent.status).toBe(202)
  expect(request && idOf(request)).toBe(sent.body.id)
  expect(request && verify(request, secret)).toMatchObject({ type: 'webhook.test', data: { webhookId: id } })
})

test('what has arrived can be asked for again, with its id', async () => {
  const { id } = await ann.create(hook())
  await ann.runJob()
  const delivery = await ann.deliveryWith(id, { status: 'delivered' })

  const again = await ann.send('POST', `/api/webhooks/${id}/deliveries/${String(delivery.id)}/redeliver`)

  expect(again.status).toBe(202)
  const [first, second] = await heard(2)
  expect(second && idOf(second)).toBe(first && idOf(first))
  expect(second?.body).toEqual(first?.body)
  expect(await ann.deliveryWith(id, { status: 'delivered', attempts: 2 })).toBeDefined()
})

test('410 switches a webhook off', async () => {
  receiver.on('POST /hook', { status: 410 })
  const { id } = await ann.create(hook())

  await ann.runJob()

  expect(await ann.deliveryWith(id, { status: 'failed' })).toMatchObject({
    lastStatus: 410,
    lastError: 'GONE',
  })
  await waitFor(async () => !(await ann.send('GET', `/api/webhooks/${id}`)).body.enabled)
  expect((await ann.send('GET', `/api/webhooks/${id}`)).body).toMatchObject({ disabledReason: 'GONE' })
  await ann.runJob()
  expect(receiver.requests).toHaveLength(1)
})

test('410 of a URL that a job named is about this URL only', async () => {
  receiver.on('POST /gone', { status: 410 })
  const { body: webhook } = await ann.send('POST', '/api/webhooks', { kind: 'job-urls' })
  await ann.runJob({ webhookUrl: `${receiver.url}/gone` })
  await ann.deliveryWith(webhook.id, { status: 'failed' })

  await ann.runJob({ webhookUrl: hook() })

  await ann.deliveryWith(webhook.id, { status: 'delivered' })
  expect((await ann.send('GET', `/api/webhooks/${webhook.id}`)).body.enabled).toBe(true)
})

test('who leaves a space hears no more of it', async () => {
  const bob = await server.addUser(`bob${people++}@example.com`)
  const spaceId = (await ann.send('POST', '/api/spaces', { name: 'Ours' })).body.id
  await ann.send('POST', `/api/spaces/${spaceId}/members`, { userId: bob.id, role: 'editor' })
  const bobs = new WebhookUser(server, bob.key)
  const { id } = await bobs.create(hook(), { spaceId })
  await ann.runJob({ spaceId })
  await heard(1)

  await ann.send('DELETE', `/api/spaces/${spaceId}/members/${bob.id}`)
  await ann.runJob({ spaceId })

  await waitFor(async () => !(await ann.send('GET', `/api/webhooks/${id}`)).body.enabled)
  expect((await ann.send('GET', `/api/webhooks/${id}`)).body.disabledReason).toBe('MEMBER_LEFT')
  expect((await bobs.send('GET', `/api/webhooks/${id}`)).status).toBe(404)
  expect(receiver.requests).toHaveLength(1)

  // Who switches it on again answers for it.
  await ann.send('PATCH', `/api/webhooks/${id}`, { enabled: true })
  await ann.runJob({ spaceId })
  await heard(2)
})

test('lists are paged, and filtered by status', async () => {
  const { id } = await ann.create(hook())
  for (let count = 0; count < 5; count++) await ann.runJob()
  await waitFor(async () => (await ann.deliveries(id, '?status=delivered')).length === 5)

  const first = await ann.send('GET', `/api/webhooks/${id}/deliveries?limit=3`)
  const rest = await ann.send('GET', `/api/webhooks/${id}/deliveries?limit=3&cursor=${first.body.nextCursor}`)

  expect([first.body.items.length, rest.body.items.length]).toEqual([3, 2])
  expect(rest.body.nextCursor).toBeNull()
  expect(await ann.deliveries(id, '?status=failed')).toEqual([])
  expect((await ann.send('GET', `/api/webhooks/${id}/deliveries?status=odd`)).status).toBe(422)
})
