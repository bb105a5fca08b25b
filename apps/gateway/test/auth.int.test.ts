import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, adminPassword, callOf, startTestGateway } from './support/start-gateway.ts'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
beforeAll(async () => void (server = await startTestGateway()))
afterAll(() => server[Symbol.asyncDispose]())

const anyId = '00000000-0000-7000-8000-0000000000ff'
const fill = (path: string) => `/api${path.replaceAll(/:\w+/g, anyId)}`
const admin = { email: 'admin@example.com', password: adminPassword }

async function logIn(credentials = admin, headers: Record<string, string> = {}) {
  const answer = await server.call('/api/auth/login', {
    method: 'POST',
    key: null,
    json: credentials,
    headers,
  })
  return { answer, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' }
}

test('every route but the log-in wants credentials', async () => {
  const open: string[] = []
  for (const { method, path } of server.gateway.routes) {
    const { status, body } = await server.call(fill(path), { method, key: null })
    if (status !== 401) open.push(`${method} ${path}`)
    else expect(body).toMatchObject({ status: 401, code: 'NO_CREDENTIALS' })
  }

  expect(open).toEqual(['POST /auth/login'])
})

test('a key that is none of ours is refused on every route', async () => {
  for (const { method, path, access } of server.gateway.routes) {
    if (access === 'public') continue
    const wrong = await server.call(fill(path), { method, key: `esl_${'B'.repeat(40)}` })
    expect(wrong, `${method} ${path}`).toMatchObject({ status: 401, body: { code: 'BAD_CREDENTIALS' } })
  }
})

test('a key without the scope is refused on every route that needs one', async () => {
  for (const scope of ['jobs:read', 'assets:read'] as const) {
    const made = await server.call('/api/keys', { method: 'POST', json: { name: scope, scopes: [scope] } })
    for (const { method, path, access } of server.gateway.routes) {
      if (access === 'public' || access === 'signed-in' || access === scope) continue
      const { status, body } = await server.call(fill(path), { method, key: made.body.key })
      expect({ status, code: body.code }, `${method} ${path}`).toEqual({ status: 403, code: 'MISSING_SCOPE' })
    }
  }
})

test('a member is refused on every admin route', async () => {
  const member = await server.addUser('member@example.com')
  for (const { method, path, access } of server.gateway.routes) {
    if (access !== 'admin') continue
    const { status } = await server.call(fill(path), { method, key: member.key })
    expect(status, `${method} ${path}`).toBe(403)
  }
})

test('what is no id of ours is not there, on every route', async () => {
  for (const { method, path, words } of server.gateway.routes) {
    if (!path.includes(':') || words) continue
    for (const id of ['1', '__proto__', '..%2f..%2fetc', "'; drop table users; --", '%00']) {
      const { status } = await server.call(`/api${path.replaceAll(/:\w+/g, id)}`, { method })
      expect([400, 404], `${method} ${path} ${id}`).toContain(status)
    }
  }
})

test('a log-in gives a cookie that works, and a log-out ends it', async () => {
  const { answer, cookie } = await logIn()
  const origin = answer.origin

  expect(answer).toMatchObject({ status: 200, body: { email: admin.email, role: 'admin' } })
  expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax/)
  const me = await server.call('/api/auth/me', { key: null, headers: { cookie } })
  expect(me.status).toBe(200)
  const out = await server.call('/api/auth/logout', {
    method: 'POST',
    key: null,
    headers: { cookie, origin },
  })
  expect(out.status).toBe(204)
  const after = await server.call('/api/auth/me', { key: null, headers: { cookie } })
  expect(after.status).toBe(401)
})

test('a wrong password and an unknown account are answered alike', async () => {
  const wrong = (await logIn({ ...admin, password: 'wrong' })).answer
  const unknown = (await logIn({ email: 'nobody@example.com', password: 'wrong' })).answer

  expect(wrong.status).toBe(401)
  expect({ ...wrong.body, traceId: '' }).toEqual({ ...unknown.body, traceId: '' })
})

test('guessing closes the account for a while, and says for how long', async () => {
  await server.addUser('victim@example.com')
  const guesses = []
  for (let guess = 0; guess < 8; guess++) {
    guesses.push((await logIn({ email: 'victim@example.com', password: `guess ${guess}` })).answer)
  }

  expect(guesses.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  expect(Number(guesses.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(60)
})

test('a page of another origin may neither log in nor act with the cookie', async () => {
  const foreign = { origin: 'https://evil.example' }
  const { cookie } = await logIn()

  expect((await logIn(admin, foreign)).answer.status).toBe(403)
  for (const headers of [{ cookie, ...foreign }, { cookie }, { cookie, origin: 'null' }]) {
    const answer = await server.call('/api/keys', { method: 'POST', key: null, json: { name: 'x' }, headers })
    expect(answer).toMatchObject({ status: 403, body: { code: 'FOREIGN_ORIGIN' } })
  }
  const read = await server.call('/api/keys', { key: null, headers: { cookie, ...foreign } })
  expect(read.headers.get('access-control-allow-origin')).toBeNull()
})

test('a key is shown once, works in either header, and never in the address', async () => {
  const { body } = await server.call('/api/keys', { method: 'POST', json: { name: 'mine' } })
  const list = await server.call('/api/keys')

  expect(body.key).toMatch(/^esl_[0-9A-Za-z]{43}$/)
  expect(list.text).not.toContain(body.key)
  expect((await server.call('/api/auth/me', { key: null, headers: { 'x-api-key': body.key } })).status).toBe(
    200,
  )
  expect((await server.call(`/api/auth/me?api_key=${body.key}`, { key: null })).status).toBe(401)
})

test('a revoked key stops working at once, on every gateway', async () => {
  const other = callOf(await server.startAnother())
  const { body } = await server.call('/api/keys', { method: 'POST', json: { name: 'short-lived' } })
  expect((await other('/api/auth/me', { key: body.key })).status).toBe(200)
  expect((await server.call('/api/auth/me', { key: body.key })).status).toBe(200)

  await server.call(`/api/keys/${body.id}`, { method: 'DELETE' })

  expect((await server.call('/api/auth/me', { key: body.key })).status).toBe(401)
  const { waitFor } = await import('@easel/testing')
  await waitFor(async () => (await other('/api/auth/me', { key: body.key })).status === 401, {
    timeoutMs: 1_000,
  })
})

test('a key gives no more than its maker has', async () => {
  const weak = await server.call('/api/keys', {
    method: 'POST',
    json: { name: 'weak', scopes: ['jobs:read'] },
  })

  const stronger = await server.call('/api/keys', {
    method: 'POST',
    key: weak.body.key,
    json: { name: 'strong', scopes: ['admin'] },
  })

  expect(stronger).toMatchObject({ status: 403, body: { code: 'MISSING_SCOPE' } })
})

test('a new password needs the old one and ends the log-ins', async () => {
  const { key } = await server.addUser('changer@example.com')
  const old = { email: 'changer@example.com', password: 'another long password' }
  const { cookie } = await logIn(old)

  const wrong = await server.call('/api/auth/me', {
    method: 'PATCH',
    key,
    json: { password: 'a brand new password', oldPassword: 'wrong' },
  })
  const right = await server.call('/api/auth/me', {
    method: 'PATCH',
    key,
    json: { password: 'a brand new password', oldPassword: old.password },
  })

  expect(wrong).toMatchObject({ status: 422, body: { code: 'BAD_PASSWORD' } })
  expect(right.status).toBe(200)
  expect((await server.call('/api/auth/me', { key: null, headers: { cookie } })).status).toBe(401)
  expect((await logIn({ ...old, password: 'a brand new password' })).answer.status).toBe(200)
})

test('one log-in is ended without the others, and nobody else’s', async () => {
  await server.addUser('two-browsers@example.com')
  const own = { email: 'two-browsers@example.com', password: 'another long password' }
  const { cookie: here } = await logIn(own)
  const { cookie: there } = await logIn(own, { 'user-agent': 'the other browser' })
  const { origin } = await server.call('/api/auth/me')
  const by = (cookie: string) => ({ key: null, headers: { cookie, origin } })
  const list = await server.call('/api/auth/sessions', by(here))
  const other = list.body.items.find(({ userAgent }: { userAgent: string }) => /other/.test(userAgent))
  const path = `/api/auth/sessions/${other.id}`

  const foreign = await server.call(path, { method: 'DELETE' })
  const ended = await server.call(path, { method: 'DELETE', ...by(here) })

  expect(foreign).toMatchObject({ status: 404, body: { code: 'LOGIN_NOT_FOUND' } })
  expect(ended.status).toBe(204)
  expect((await server.call('/api/auth/me', by(there))).status).toBe(401)
  expect((await server.call('/api/auth/me', by(here))).status).toBe(200)
})

test('accounts are found by a part of their name or address', async () => {
  const { id } = await server.addUser('seldom.seen@example.com')

  const found = await server.call('/api/users?q=SELDOM')

  expect(found.body.items.map((user: { id: string }) => user.id)).toEqual([id])
})

test('the first account is made once, however many start', async () => {
  await Promise.all([server.startAnother(), server.startAnother()])

  expect(server.gateway.bootstrapped).toMatchObject({ email: admin.email, apiKey: adminKey })
  const users = await server.call('/api/users')
  expect(users.body.items.filter(({ role }: { role: string }) => role === 'admin')).toHaveLength(1)
})

test('somebody stays admin', async () => {
  const me = await server.call('/api/auth/me')

  const demoted = await server.call(`/api/users/${me.body.id}`, { method: 'PATCH', json: { role: 'member' } })
  const removed = await server.call(`/api/users/${me.body.id}`, { method: 'DELETE' })

  expect(demoted).toMatchObject({ status: 409, body: { code: 'LAST_ADMIN' } })
  expect(removed).toMatchObject({ status: 409, body: { code: 'LAST_ADMIN' } })
})

test('a disabled account is out at once', async () => {
  const { id, key } = await server.addUser('leaver@example.com')
  expect((await server.call('/api/auth/me', { key })).status).toBe(200)

  await server.call(`/api/users/${id}`, { method: 'PATCH', json: { disabled: true } })

  expect((await server.call('/api/auth/me', { key })).status).toBe(401)
})

test('admins read who did what', async () => {
  await server.call('/api/keys', { method: 'POST', json: { name: 'audited' } })

  const audit = await server.call('/api/audit?action=key.created&limit=1')

  expect(audit.body.items).toMatchObject([{ action: 'key.created', details: { scopes: expect.any(Array) } }])
  expect(audit.body.nextCursor).toEqual(expect.any(String))
  expect(audit.text).not.toContain('esl_')
})

test('a key for one thing makes no friends, no keys and no spaces', async () => {
  const made = await server.call('/api/keys', { method: 'POST', json: { name: 'r', scopes: ['jobs:read'] } })
  const key = String(made.body.key)
  const space = await server.call('/api/spaces', { method: 'POST', json: { name: 'Team' } })
  const path = `/api/spaces/${String(space.body.id)}`
  const answers = await Promise.all([
    server.call(`${path}/members`, { method: 'POST', key, json: { email: 'a@example.com', role: 'owner' } }),
    server.call(path, { method: 'PATCH', key, json: { name: 'Taken' } }),
    server.call('/api/spaces', { method: 'POST', key, json: { name: 'Other' } }),
    server.call('/api/keys', { method: 'POST', key, json: { name: 'Other' } }),
    server.call('/api/auth/sessions', { method: 'DELETE', key }),
  ])

  for (const answer of answers) expect(answer).toMatchObject({ status: 403, body: { code: 'MISSING_SCOPE' } })
  expect((await server.call(path, { key })).status).toBe(200)
})
