import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '@easel/protocol'
import { startTestGateway } from './support/start-gateway.ts'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
beforeAll(async () => void (server = await startTestGateway()))
afterAll(() => server[Symbol.asyncDispose]())

const cursorOf = (text: string) => Buffer.from(text).toString('base64url')
const json = { 'content-type': 'application/json' }
const workflow = { '1': { class_type: 'EmptyImage', inputs: {} } }

test.each([
  ['an unknown route', '/api/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
  ['an unknown path', '/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
  ['a body that is no JSON', '/api/jobs', { method: 'POST', body: '{"a":', headers: json }, 400, 'MALFORMED'],
  ['no body', '/api/jobs', { method: 'POST' }, 400, 'MALFORMED'],
  ['a list as body', '/api/jobs', { method: 'POST', body: '[]', headers: json }, 422, 'INVALID_INPUT'],
  [
    'a text as body',
    '/api/jobs',
    { method: 'POST', body: 'a', headers: { 'content-type': 'text/plain' } },
    415,
    'MEDIA_TYPE',
  ],
  [
    'a picture as body',
    '/api/jobs',
    { method: 'POST', body: 'a', headers: { 'content-type': 'image/png' } },
    415,
    'MEDIA_TYPE',
  ],
  [
    'a form as body',
    '/api/jobs',
    { method: 'POST', body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'MEDIA_TYPE',
  ],
  [
    'a name of the language',
    '/api/jobs',
    { method: 'POST', body: '{"__proto__":{}}', headers: json },
    400,
    'MALFORMED',
  ],
  ['a limit that is none', '/api/jobs?limit=many', {}, 422, 'INVALID_INPUT'],
  ['a NUL in a query', '/api/audit?action=%00', {}, 422, 'INVALID_INPUT'],
  ['a NUL in a body', '/api/spaces', { method: 'POST', json: { name: 'a\0b' } }, 422, 'INVALID_INPUT'],
  [
    'a NUL in a log-in',
    '/api/auth/login',
    { method: 'POST', key: null, json: { email: 'a\0@b.example', password: 'long enough' } },
    422,
    'INVALID_INPUT',
  ],
  ['a limit too high', '/api/jobs?limit=1000', {}, 422, 'INVALID_INPUT'],
  ['a cursor of another list', `/api/keys?cursor=${cursorOf('12')}`, {}, 400, 'MALFORMED'],
  ['a cursor of no number', `/api/audit?cursor=${cursorOf(newId())}`, {}, 400, 'MALFORMED'],
  ['a cursor of somebody else', '/api/keys?cursor=%2E%2E%2F', {}, 400, 'MALFORMED'],
  [
    'an unknown space',
    '/api/jobs',
    { method: 'POST', json: { workflow }, headers: { 'x-space': 'nowhere' } },
    404,
    'SPACE_NOT_FOUND',
  ],
])('%s is answered with a problem document', async (...[, path, init, status, code]) => {
  const answer = await server.call(path, init)

  expect(answer).toMatchObject({ status, body: { type: 'about:blank', status, code } })
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(answer.body).toMatchObject({ title: expect.any(String), detail: expect.any(String) })
  expect(answer.body.traceId).toMatch(/^[0-9a-f]{32}$/)
})

test('null is what is left out, where it does not say more', async () => {
  const url = 'https://receiver.example/hook'
  const nothing = { events: null, enabled: null, description: null, kind: null, spaceId: null }
  const { id: userId } = await server.addUser('null@example.com')
  const made = await server.call('/api/webhooks', { method: 'POST', json: { url, ...nothing } })
  const webhook = `/api/webhooks/${made.body.id}`
  const answers = [
    await server.call(webhook, { method: 'PATCH', json: { url: null, events: null, enabled: null } }),
    await server.call(`/api/users/${userId}`, { method: 'PATCH', json: { name: null, role: null } }),
    await server.call('/api/keys', { method: 'POST', json: { name: 'mine', scopes: null, expiresAt: null } }),
  ]

  expect(made).toMatchObject({ status: 201, body: { kind: 'endpoint', enabled: true, description: '' } })
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 201])
  expect(answers[0]?.body).toMatchObject({ url, enabled: true, events: made.body.events })
  expect(answers[1]?.body).toMatchObject({ name: 'null', role: 'member' })
})

test('null is no value of what is needed', async () => {
  const answer = await server.call('/api/spaces', { method: 'POST', json: { name: null } })

  expect(answer).toMatchObject({ status: 422, body: { code: 'INVALID_INPUT' } })
})

test('30 MB of JSON is refused, and fast', async () => {
  const body = JSON.stringify({
    workflow: { '1': { class_type: 'x', inputs: { text: 'x'.repeat(30_000_000) } } },
  })
  const started = performance.now()

  const { status } = await server
    .call('/api/jobs', { method: 'POST', body, headers: json })
    // The server hangs up on who goes on sending.
    .catch(() => ({ status: 413 }))

  expect(status).toBe(413)
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('an admin may use every space there is, and no other', async () => {
  const { spaceId } = await server.addUser('somebody@example.com')
  const none = '01936f5e-0000-7000-8000-000000000000'
  const submit = (headers: Record<string, string>, more: object = {}) =>
    server.call('/api/jobs', { method: 'POST', json: { workflow, ...more }, headers })

  expect((await submit({ 'x-space': spaceId })).status).toBe(202)
  expect(await submit({ 'x-space': none })).toMatchObject({ status: 404, body: { code: 'SPACE_NOT_FOUND' } })
  expect(await submit({}, { spaceId: none })).toMatchObject({
    status: 404,
    body: { code: 'SPACE_NOT_FOUND' },
  })
})

test('the path of every fault is named', async () => {
  const { status, body } = await server.call('/api/jobs', {
    method: 'POST',
    json: { workflow, priority: 'urgent', version: 0, sessionId: 'x' },
  })

  expect(status).toBe(422)
  expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
    'priority',
    'sessionId',
    'version',
  ])
})

test('a repeat with its key gives the first answer, another body with it is refused', async () => {
  const headers = { 'idempotency-key': 'space-1' }
  const create = (name: string) => server.call('/api/spaces', { method: 'POST', json: { name }, headers })

  const all = await Promise.all(Array.from({ length: 20 }, () => create('Once')))
  const other = await create('Twice')

  expect(new Set(all.map(({ body }) => body.id)).size).toBe(1)
  expect(all.every(({ status }) => status === 201)).toBe(true)
  expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSE' } })
})

test('a failure is not kept under its key', async () => {
  const headers = { 'idempotency-key': 'space-2' }
  const bad = await server.call('/api/spaces', { method: 'POST', json: { name: 'A', slug: 'taken-slug' } })
  const again = await server.call('/api/spaces', {
    method: 'POST',
    json: { name: 'B', slug: 'taken-slug' },
    headers,
  })
  const after = await server.call('/api/spaces', {
    method: 'POST',
    json: { name: 'B', slug: 'free-slug' },
    headers,
  })

  expect([bad.status, again.status, after.status]).toEqual([201, 409, 201])
})

test('the API describes itself, every route of it', async () => {
  const { body } = await server.call('/api/openapi.json', { key: null })
  const page = await server.call('/api/docs', { key: null })
  const script = await server.call('/api/docs/swagger-ui-bundle.js', { key: null })

  expect(body.openapi).toBe('3.1.0')
  const described = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const served = server.gateway.routes.map(
    ({ method, path }) => `${method} /api${path.replaceAll(/:(\w+)/g, '{$1}')}`,
  )
  expect(described.sort()).toEqual(served.sort())
  expect(page.text).toContain('/api/docs/swagger-ui-bundle.js')
  expect(script.text.length).toBeGreaterThan(100_000)
})

test('no page of another origin reads answers, and headers keep browsers careful', async () => {
  const { headers } = await server.call('/api/auth/me', { headers: { origin: 'https://evil.example' } })

  expect(headers.get('access-control-allow-origin')).toBeNull()
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  const page = await server.call('/', { key: null })
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
})

test('HEAD answers as GET does, without a body', async () => {
  const { status, text } = await server.call('/api/jobs', { method: 'HEAD' })

  expect([status, text]).toEqual([200, ''])
})

test('the process tells how it is', async () => {
  const alive = await server.call('/healthz', { key: null })
  const ready = await server.call('/readyz', { key: null })
  const metrics = await server.call('/metrics', { key: null })
  const page = await server.call('/', { key: null })

  expect(alive.status).toBe(200)
  expect(ready).toMatchObject({
    status: 200,
    body: { ready: true, checks: { postgres: { ok: true }, inference: { ok: true } } },
  })
  expect(metrics.text).toContain('http_request_seconds_bucket')
  expect(page.text).toContain('/api/docs')
})

test('a header too large, and what is no HTTP, end in an answer and a closed socket', async () => {
  const { port } = server.gateway
  const large = await talk(port, `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(40_000)}\r\n\r\n`)
  const noise = await talk(port, 'NOT HTTP AT ALL\r\n\r\n')

  expect(large).toMatch(/^HTTP\/1\.1 431 /)
  expect(noise).toMatch(/^HTTP\/1\.1 400 /)
})

async function talk(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  socket.on('error', () => undefined)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}
