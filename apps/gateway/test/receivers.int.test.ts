import { createGuardedHttp } from '@easel/http'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { post } from '../src/webhooks/post.ts'
import { oddReceiver, sendForever } from './support/odd-receiver.ts'
import { startTestGateway } from './support/start-gateway.ts'
import { eventOf, startReceiver, WebhookUser } from './support/webhooks.ts'
import type { RecordedServer } from '@easel/testing'
import type { LookupFunction } from 'node:net'
import type { TestGateway } from './support/start-gateway.ts'

/** What names resolve to, one after the other; the last one stays. */
const names = new Map<string, string[]>()
const lookup: LookupFunction = (hostname, _options, callback) => {
  const addresses = names.get(hostname) ?? ['127.0.0.1']
  const address = addresses.length > 1 ? addresses.shift() : addresses[0]
  callback(null, [{ address: address ?? '', family: 4 }])
}

let server: TestGateway
let receiver: RecordedServer
let ann: WebhookUser
beforeAll(async () => {
  // Loopback stands for the public internet here; every other private address is what it is.
  server = await startTestGateway({ lookup, webhooks: { allowPrivate: ['127.0.0.0/8'] } })
})
afterAll(() => server[Symbol.asyncDispose]())

let people = 0
beforeEach(async () => {
  receiver = await startReceiver()
  ann = new WebhookUser(server, (await server.addUser(`ann${people++}@example.com`)).key)
  return () => receiver[Symbol.asyncDispose]()
})

const hook = () => `${receiver.url}/hook`
const named = (name: string) => `http://${name}:${new URL(receiver.url).port}/hook`

test('an answer of 10 GB is broken off after its head', async () => {
  await using endless = await oddReceiver((response) => sendForever(response, 10e9))
  const { id } = await ann.create(endless.url)

  await ann.runJob()

  await ann.deliveryWith(id, { status: 'delivered', attempts: 1 })
  await waitFor(() => endless.sent > 0)
  expect(endless.sent).toBeLessThan(64 * 2 ** 20)
})

test('an answer whose body never ends has been given with its head', async () => {
  await using endless = await oddReceiver((response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('a part')
  })
  const { id } = await ann.create(endless.url)

  await ann.runJob()

  expect(await ann.deliveryWith(id, { status: 'delivered' })).toMatchObject({ attempts: 1, lastStatus: 200 })
})

test('receivers that never answer do not delay another', async () => {
  await using silent = await oddReceiver(() => undefined)
  await ann.create(silent.url, { events: ['job.*'] })
  await ann.create(silent.url, { events: ['job.*'] })
  await ann.create(hook())

  const started = performance.now()
  const jobs = await Promise.all(Array.from({ length: 50 }, () => ann.runJob()))

  await waitFor(() => receiver.requests.length === 50)
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(new Set(receiver.requests.map((request) => eventOf(request).data.id))).toEqual(new Set(jobs))
  expect(silent.requests).toBeGreaterThan(0)
  expect(silent.requests).toBeLessThanOrEqual(20)
})

test('nor do a thousand hosts that jobs of one space name', async () => {
  await using silent = await oddReceiver(() => undefined)
  const { id: bobId, key } = await server.addUser('bob@example.com')
  const bob = new WebhookUser(server, key)
  const { body: jobUrls } = await bob.send('POST', '/api/webhooks', { kind: 'job-urls' })
  // As when so many jobs ended an hour ago.
  await server.sql(
    `insert into webhook_deliveries (id, webhook_id, type, subject, url, submitted_by, body, queue, status, next_at)
     select gen_random_uuid(), $1::uuid, 'job.succeeded', n, $2, $3, '{}', $1::text || ' ' || n, 'due',
            now() - interval '1 hour' from generate_series(1, 1100) n`,
    [jobUrls.id, silent.url, bobId],
  )

  await ann.create(hook())
  await ann.runJob()

  await waitFor(() => receiver.requests.length === 1)
  expect(silent.requests).toBeGreaterThan(0)
  expect(silent.requests).toBeLessThanOrEqual(20)
  await bob.send('DELETE', `/api/webhooks/${jobUrls.id}`)
})

test('nor does one that fails at once', async () => {
  await using broken = await oddReceiver((response) => response.writeHead(500).end())
  const { id } = await ann.create(broken.url)
  await ann.create(hook())

  await Promise.all(Array.from({ length: 50 }, () => ann.runJob()))

  await waitFor(() => receiver.requests.length === 50)
  const failing = await waitFor(async () => (await ann.send('GET', `/api/webhooks/${id}`)).body.failingSince)
  expect(Date.parse(failing)).toBeLessThanOrEqual(Date.now())
})

test('the time an attempt may take is limited', async () => {
  await using silent = await oddReceiver(() => undefined)
  await using http = createGuardedHttp({ allowPrivate: true, timeouts: { totalMs: 100 } })
  const signal = new AbortController().signal

  const answer = await post(http, { url: silent.url, headers: {}, body: '{}', signal })

  expect(answer).toMatchObject({ status: null, error: 'TIMEOUT' })
})

test('a redirect is a failure, wherever it leads', async () => {
  await using inner = await startReceiver()
  receiver.on('POST /hook', { status: 301, headers: { location: `${inner.url}/hook` } })
  const { id } = await ann.create(hook())

  await ann.runJob()

  await ann.deliveryWith(id, { lastError: 'REDIRECT', lastStatus: 301 })
  expect(inner.requests).toHaveLength(0)
})

test('a name that leads to a private address is refused, and nothing is told of it', async () => {
  names.set('inner.example', ['10.0.0.7'])
  const { id } = await ann.create(named('inner.example'))

  await ann.runJob()

  const { id: delivery } = await ann.deliveryWith(id, { lastError: 'ADDRESS_NOT_ALLOWED' })
  const { body, text } = await ann.send('GET', `/api/webhooks/${id}/deliveries/${String(delivery)}`)
  expect(body.log[0]).toEqual({
    number: 1,
    at: expect.any(String),
    durationMs: 0,
    status: null,
    error: 'ADDRESS_NOT_ALLOWED',
  })
  expect(text).not.toContain('10.0.0.7')
})

test('a name that resolves to something else the next time is refused the next time', async () => {
  names.set('rebind.example', ['127.0.0.1', '169.254.169.254'])
  receiver.on('POST /hook', { status: 200, headers: { connection: 'close' } })
  const { id } = await ann.create(named('rebind.example'))

  await ann.runJob()
  await ann.deliveryWith(id, { status: 'delivered' })
  await ann.runJob()

  await ann.deliveryWith(id, { status: 'pending', lastError: 'ADDRESS_NOT_ALLOWED' })
  expect(receiver.requests).toHaveLength(1)
})

test('a URL that a job names goes nowhere else either', async () => {
  names.set('inner.example', ['192.168.0.1'])
  const { body: webhook } = await ann.send('POST', '/api/webhooks', { kind: 'job-urls' })

  await ann.runJob({ webhookUrl: named('inner.example') })

  const delivery = await ann.deliveryWith(webhook.id, { lastError: 'ADDRESS_NOT_ALLOWED' })
  expect(delivery).toMatchObject({ status: 'pending', lastStatus: null })
})

test('what a receiver answers is shown to nobody', async () => {
  receiver.on('POST /hook', { status: 500, body: 'the secrets of an inner page' })
  const { id } = await ann.create(hook())

  await ann.runJob()

  const { id: delivery } = await ann.deliveryWith(id, { lastStatus: 500 })
  const { text } = await ann.send('GET', `/api/webhooks/${id}/deliveries/${String(delivery)}`)
  expect(text).not.toContain('secrets of an inner page')
})

test('a receiver may ask for more time', async () => {
  receiver.on('POST /hook', { status: 429, headers: { 'retry-after': '1' } }, { status: 200 })
  const { id } = await ann.create(hook())

  await ann.runJob()

  const { id: delivery } = await ann.deliveryWith(id, { status: 'delivered', attempts: 2 })
  const { body } = await ann.send('GET', `/api/webhooks/${id}/deliveries/${String(delivery)}`)
  const [first, second] = body.log.map(({ at }: { at: string }) => Date.parse(at))
  expect(second - first).toBeGreaterThanOrEqual(990)
})
