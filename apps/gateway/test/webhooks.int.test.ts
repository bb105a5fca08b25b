import { newId } from '@easel/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway } from './support/start-gateway.ts'
import { WebhookUser } from './support/webhooks.ts'
import type { TestGateway } from './support/start-gateway.ts'

const url = 'https://receiver.example/hook'

let server: TestGateway
let ann: WebhookUser
let bob: WebhookUser
let annId: string
let bobId: string
beforeAll(async () => {
  server = await startTestGateway({ webhooks: { allowPrivate: false } })
  const [first, second] = [await server.addUser('ann@example.com'), await server.addUser('bob@example.com')]
  annId = first.id
  bobId = second.id
  ann = new WebhookUser(server, first.key)
  bob = new WebhookUser(server, second.key)
})
afterAll(() => server[Symbol.asyncDispose]())

async function shareSpace(role: string): Promise<string> {
  const { body } = await ann.send('POST', '/api/spaces', { name: 'Ours' })
  await ann.send('POST', `/api/spaces/${body.id}/members`, { userId: bobId, role })
  return body.id
}

test('the secret is shown when it is made, and never again', async () => {
  const made = await ann.send('POST', '/api/webhooks', { url })
  const { id, secret } = made.body

  expect(made.status).toBe(201)
  expect(made.headers.get('cache-control')).toBe('no-store')
  expect(secret).toMatch(/^whsec_[\w+/=]{44}$/)
  const shown = await Promise.all([
    ann.send('GET', `/api/webhooks/${id}`),
    ann.send('GET', '/api/webhooks'),
    ann.send('PATCH', `/api/webhooks/${id}`, { description: 'mine' }),
  ])
  for (const { status, text } of shown) {
    expect(status).toBe(200)
    expect(text).toContain(id)
    expect(text).not.toContain('whsec_')
    expect(text).not.toContain('"secret"')
  }
})

test('the secret is not stored as it is', async () => {
  const { id, secret } = await ann.create(url)

  const stored = await server.sql('select * from webhooks where id = $1', [id])

  expect(stored).toHaveLength(1)
  expect(JSON.stringify(stored)).not.toContain(secret.slice(6))
})

test('it tells how jobs end, unless it is told what to tell', async () => {
  const usual = await ann.create(url)
  const chosen = await ann.create(url, { events: ['asset.*', 'job.queued', 'asset.*'] })

  expect((await ann.send('GET', `/api/webhooks/${usual.id}`)).body).toMatchObject({
    kind: 'endpoint',
    events: ['job.succeeded', 'job.failed', 'job.canceled', 'job.expired'],
    enabled: true,
    createdBy: annId,
  })
  expect((await ann.send('GET', `/api/webhooks/${chosen.id}`)).body.events).toEqual(['asset.*', 'job.queued'])
})

test.each([
  [{}, 'url'],
  [{ url: 'ftp://receiver.example/' }, 'url'],
  [{ url: 'https://user:secret@receiver.example/' }, 'url'],
  [{ url: 'not a url' }, 'url'],
  [{ url: 'http://127.0.0.1/' }, 'url'],
  [{ url: 'http://2130706433/' }, 'url'],
  [{ url: 'http://0x7f.1/' }, 'url'],
  [{ url: 'http://[::ffff:10.0.0.1]/' }, 'url'],
  [{ url: 'http://169.254.169.254/latest' }, 'url'],
  [{ url, events: ['job.suceeded'] }, 'events.0'],
  [{ url, events: [] }, 'events'],
  [{ kind: 'job-urls', url }, 'url'],
  [{ kind: 'job-urls', events: ['*'] }, 'events'],
])('refuses %j and says where the fault is', async (input, path) => {
  const { status, body } = await ann.send('POST', '/api/webhooks', input)

  expect(status).toBe(422)
  expect(body.errors).toMatchObject([{ path }])
})

test('of a foreign webhook there is nothing to see', async () => {
  const { id } = await ann.create(url)
  const test_ = await ann.send('POST', `/api/webhooks/${id}/test`)
  const paths: [string, string, object?][] = [
    ['GET', ''],
    ['PATCH', '', { enabled: false }],
    ['DELETE', ''],
    ['POST', '/rotate-secret'],
    ['POST', '/test'],
    ['GET', '/deliveries'],
    ['GET', `/deliveries/${test_.body.id}`],
    ['POST', `/deliveries/${test_.body.id}/redeliver`],
  ]

  for (const [method, path, json] of paths) {
    const real = await bob.send(method, `/api/webhooks/${id}${path}`, json)
    const made = await bob.send(method, `/api/webhooks/${newId()}${path}`, json)
    expect([real.status, real.body.code], `${method} ${path}`).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect(real.body.detail).toBe(made.body.detail)
  }
  const foreign = await bob.create(url)
  expect((await ann.send('GET', `/api/webhooks/${foreign.id}/deliveries/${test_.body.id}`)).status).toBe(404)
  const list = await bob.send('GET', '/api/webhooks')
  expect(list.body.items.map((item: { id: string }) => item.id)).toEqual([foreign.id])
})

test('a viewer looks and changes nothing', async () => {
  const spaceId = await shareSpace('viewer')
  const { id } = await ann.create(url, { spaceId })
  const delivery = (await ann.send('POST', `/api/webhooks/${id}/test`)).body.id

  const seen = ['', '/deliveries', `/deliveries/${delivery}`]
  for (const path of seen) expect((await bob.send('GET', `/api/webhooks/${id}${path}`)).status).toBe(200)
  const refused = await Promise.all([
    bob.send('POST', '/api/webhooks', { url, spaceId }),
    bob.send('PATCH', `/api/webhooks/${id}`, { enabled: false }),
    bob.send('POST', `/api/webhooks/${id}/rotate-secret`),
    bob.send('POST', `/api/webhooks/${id}/test`),
    bob.send('POST', `/api/webhooks/${id}/deliveries/${delivery}/redeliver`),
    bob.send('DELETE', `/api/webhooks/${id}`),
  ])
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403])
})

test('an editor changes it', async () => {
  const spaceId = await shareSpace('editor')
  const { id } = await ann.create(url, { spaceId })

  const changed = await bob.send('PATCH', `/api/webhooks/${id}`, { url: `${url}/2`, events: ['*'] })

  expect(changed.body).toMatchObject({ url: `${url}/2`, events: ['*'] })
  expect((await bob.send('DELETE', `/api/webhooks/${id}`)).status).toBe(204)
  expect((await ann.send('GET', `/api/webhooks/${id}`)).status).toBe(404)
})

test('a key with few scopes makes none: it would outlive the key', async () => {
  const key = await ann.send('POST', '/api/keys', { name: 'few', scopes: ['jobs:read', 'jobs:write'] })
  const few = new WebhookUser(server, key.body.key)

  expect((await few.send('POST', '/api/webhooks', { url })).status).toBe(403)
  expect((await few.send('GET', '/api/webhooks')).status).toBe(200)
})

test('a space has twenty at most, also when they are made at once', async () => {
  const spaceId = await shareSpace('editor')

  const made = await Promise.all(
    Array.from({ length: 25 }, () => ann.send('POST', '/api/webhooks', { url, spaceId })),
  )

  expect(made.filter(({ status }) => status === 201)).toHaveLength(20)
  expect(made.find(({ status }) => status !== 201)?.body.code).toBe('TOO_MANY_WEBHOOKS')
})

test('the one for job URLs is there once in a space', async () => {
  const spaceId = await shareSpace('editor')

  const first = await ann.send('POST', '/api/webhooks', { kind: 'job-urls', spaceId })
  const second = await bob.send('POST', '/api/webhooks', { kind: 'job-urls', spaceId })

  expect(first.body).toMatchObject({ kind: 'job-urls', url: null, secret: expect.stringMatching(/^whsec_/) })
  expect([second.status, second.body.code]).toEqual([409, 'WEBHOOK_EXISTS'])
  expect((await ann.send('POST', `/api/webhooks/${first.body.id}/test`)).body.code).toBe('WEBHOOK_HAS_NO_URL')
  expect((await ann.send('PATCH', `/api/webhooks/${first.body.id}`, { url })).status).toBe(422)
})

test('one that is switched off sends nothing, and says since when', async () => {
  const { id } = await ann.create(url)
  await ann.send('POST', `/api/webhooks/${id}/test`)

  const off = await ann.send('PATCH', `/api/webhooks/${id}`, { enabled: false })

  expect(off.body).toMatchObject({
    enabled: false,
    disabledReason: 'BY_USER',
    disabledAt: expect.any(String),
  })
  expect(await ann.deliveries(id)).toMatchObject([{ status: 'failed', lastError: 'WEBHOOK_DISABLED' }])
  expect((await ann.send('POST', `/api/webhooks/${id}/test`)).body.code).toBe('WEBHOOK_DISABLED')
  const on = await ann.send('PATCH', `/api/webhooks/${id}`, { enabled: true })
  expect(on.body).toMatchObject({ enabled: true, disabledReason: null, disabledAt: null })
})
