import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api, bearer } from '../support/api.ts'
import { colourGraph } from '../support/graphs.ts'
import { openEventSource, openSocket, RefusedSocket } from '../support/listen.ts'
import { addPerson, createKey, logIn, must, withCookie } from '../support/people.ts'
import { bodyFor, describedRoutes, isPublic, scopeOf } from '../support/routes.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Person } from '../support/people.ts'
import type { DescribedRoute } from '../support/routes.ts'
import type { Services } from '../support/services.ts'

let services: Services
let url: string
let admin: Api
let ann: Person

beforeAll(async () => {
  // Every route is asked by nobody, in four ways.
  services = await startServices({ env: { EASEL_ANONYMOUS_CALLS_PER_MINUTE: '5000' } })
  url = services.url
  admin = new Api(url, bootstrapKey)
  ann = await addPerson(admin, 'ann')
}, 120_000)
afterAll(() => services?.[Symbol.asyncDispose]())

const id = '01936f5e-0000-7000-8000-000000000000'
const wrongKey = `esl_${'x'.repeat(40)}`
const call = (api: Api, route: DescribedRoute) =>
  api.send(
    route.method,
    route.path.replaceAll(/\{\w+\}/g, id),
    route.method === 'GET' ? undefined : bodyFor(route),
  )

describe('who is nobody', () => {
  test.each([
    ['no key', {}],
    ['a wrong key', bearer(wrongKey)],
    ['a wrong key in the other header', { 'x-api-key': wrongKey }],
    ['a wrong cookie', { cookie: `easel_session=${'x'.repeat(43)}`, origin: 'http://localhost' }],
  ])('comes in nowhere, with %s', async (_name, credentials: Record<string, string>) => {
    const api = new Api(url, '', { ...credentials, ...(credentials.origin && { origin: url }) })
    const open: string[] = []
    for (const route of (await describedRoutes(admin)).filter((each) => !isPublic(each))) {
      const { status, headers, body } = await call(api, route)
      const fits = status === 401 && headers.get('www-authenticate') && typeof body.traceId === 'string'
      if (!fits) open.push(`${route.method} ${route.path}: ${status}`)
    }
    expect(open).toEqual([])
  })

  test('is told so in the same words, whatever is wrong with the key', async () => {
    for (const authorization of [
      'Bearer x',
      'Bearer',
      'Basic YTpi',
      `Bearer ${bootstrapKey.slice(0, -1)}z`,
      '',
    ]) {
      const { status, body } = await new Api(url, '', { authorization }).get('/api/auth/me')
      expect([status, body.code], authorization).toEqual([401, expect.stringMatching(/CREDENTIALS$/)])
      expect(JSON.stringify(body)).not.toContain(bootstrapKey.slice(4, 20))
    }
  })

  test('sees the few public routes only', async () => {
    const routes = (await describedRoutes(admin)).filter(isPublic)
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/auth/login'])
  })

  test('opens no socket', async () => {
    for (const headers of [{}, bearer(wrongKey), { 'x-api-key': 'esl_short' }]) {
      await expect(openSocket(url, { headers })).rejects.toMatchObject({ status: 401 })
      await expect(openEventSource(url, headers)).rejects.toMatchObject({ status: 401 })
    }
  })

  test('cannot put a key into the query', async () => {
    for (const name of ['key', 'api_key', 'apiKey', 'token', 'access_token', 'authorization', 'ticket']) {
      const query = `?${name}=${bootstrapKey}`
      expect((await new Api(url, '').get(`/api/jobs${query}`)).status, name).toBe(401)
      await expect(openSocket(url, { query }), name).rejects.toMatchObject({ status: 401 })
    }
  })
})

describe('a revoked key', () => {
  test('stops at once: calls, sockets and streams within a second', async () => {
    const { id: keyId, key } = await must(createKey(url, ann.cookie, { name: 'to go' }), 201)
    const api = new Api(url, String(key))
    const job = await must(api.send('POST', '/api/jobs', { workflow: colourGraph(), pool: 'nobody' }), 202)
    using socket = await openSocket(url, { headers: api.credentials })
    using events = await openEventSource(url, api.credentials)
    using watched = await openEventSource(url, api.credentials, `/api/jobs/${String(job.id)}/events`)
    await watched.until(({ type }) => type === 'job.queued')

    await must(ann.api.send('DELETE', `/api/keys/${String(keyId)}`), 204)
    const revokedAt = performance.now()
    expect((await api.get('/api/jobs')).status).toBe(401)
    const ends = await Promise.all([socket.ended, events.ended, watched.ended])

    expect(performance.now() - revokedAt).toBeLessThan(5_000)
    expect(ends).toEqual([1008, 0, 0])
    await expect(openSocket(url, { headers: api.credentials })).rejects.toBeInstanceOf(RefusedSocket)
  })

  test('leaves the others alone, and is shown by its hint only', async () => {
    const { body } = await ann.api.get('/api/keys')
    expect(body.items[0]).toMatchObject({ name: 'to go', revokedAt: expect.any(String) })
    expect(JSON.stringify(body)).not.toContain(ann.api.key)
    const hash = createHash('sha256').update(ann.api.key).digest('hex')
    expect(JSON.stringify(body)).not.toContain(hash)
  })

  test('so does a key that has expired', async () => {
    const expiresAt = new Date(Date.now() + 1_500).toISOString()
    const { key } = await must(createKey(url, ann.cookie, { name: 'short', expiresAt }), 201)
    const api = new Api(url, String(key))
    expect((await api.get('/api/auth/me')).status).toBe(200)

    await expect.poll(async () => (await api.get('/api/auth/me')).status, { timeout: 5_000 }).toBe(401)
  })
})

describe('a scope', () => {
  test('that the key lacks is 403 and named, on every route that asks for one', async () => {
    const scopes = ['jobs:read', 'jobs:write', 'assets:read', 'assets:write', 'models:read', 'models:write']
    const keys = new Map<string, Api>()
    for (const scope of scopes) {
      const others = scopes.filter((other) => other !== scope)
      const { key } = await must(createKey(url, ann.cookie, { name: scope, scopes: others }), 201)
      keys.set(scope, new Api(url, String(key)))
    }
    const wrong: string[] = []
    for (const route of await describedRoutes(admin)) {
      const scope = scopeOf(route)
      if (scope === undefined) continue
      const { status, body } = await call(keys.get(scope) ?? ann.api, route)
      const code = scope === 'admin' ? /^(ADMINS_ONLY|MISSING_SCOPE)$/ : /^MISSING_SCOPE$/
      if (status !== 403 || !code.test(String(body.code)))
        wrong.push(`${route.method} ${route.path}: ${status}`)
    }
    expect(wrong).toEqual([])
  })

  test('is not got by making another key', async () => {
    const { key } = await must(createKey(url, ann.cookie, { name: 'reader', scopes: ['jobs:read'] }), 201)
    const reader = new Api(url, String(key))

    const more = await reader.send('POST', '/api/keys', { name: 'more', scopes: ['jobs:read', 'jobs:write'] })

    expect(more).toMatchObject({ status: 403, body: { code: 'MISSING_SCOPE' } })
  })

  test('for reading does not give the account away', async () => {
    const { key } = await must(createKey(url, ann.cookie, { name: 'reader 2', scopes: ['jobs:read'] }), 201)
    const reader = new Api(url, String(key))
    const space = await must(ann.api.send('POST', '/api/spaces', { name: 'Team' }), 201)
    const members = `/api/spaces/${String(space.id)}/members`
    const answers = await Promise.all([
      reader.send('POST', members, { email: 'admin@easel.test', role: 'owner' }),
      reader.send('PATCH', `/api/spaces/${String(space.id)}`, { name: 'Taken' }),
      reader.send('POST', '/api/spaces', { name: 'Another' }),
      reader.send('DELETE', `/api/keys/${ann.keyId}`),
      reader.send('DELETE', '/api/auth/sessions'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403])
  })
})

describe('a log-in', () => {
  test('is a cookie that scripts cannot read, and no key', async () => {
    const answer = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: ann.email, password: ann.password }),
    })

    expect(answer.headers.get('set-cookie')).toMatch(/^easel_session=[\w-]{40,}; .*HttpOnly; SameSite=Lax/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).not.toMatch(/esl_|password|hash/i)
  })

  test('with a wrong password or a wrong address is refused in the same words', async () => {
    const ask = (email: string, password: string) =>
      new Api(url, '').send('POST', '/api/auth/login', { email, password })
    const [password, address] = await Promise.all([ask(ann.email, 'wrong'), ask('no@easel.test', 'wrong')])

    expect(password.status).toBe(401)
    expect({ ...password.body, traceId: '' }).toEqual({ ...address.body, traceId: '' })
  })

  test('changes things only for pages of this server', async () => {
    const cookie = await logIn(url, ann.email, ann.password)
    const page = withCookie(url, cookie)
    const make = (headers: Record<string, string>) => page.send('POST', '/api/sessions', {}, headers)
    const host = new URL(url).host

    expect((await make({ origin: url })).status).toBe(201)
    for (const origin of [
      'https://evil.example',
      'null',
      `http://${host}.evil.example`,
      `http://x@${host}`,
      '',
    ]) {
      const { status, body } = await make(origin === '' ? {} : { origin })
      expect([status, body.code], origin).toEqual([403, 'FOREIGN_ORIGIN'])
    }
    expect((await page.get('/api/sessions')).status).toBe(200)
    await expect(
      openSocket(url, { headers: { cookie, origin: 'https://evil.example' } }),
    ).rejects.toMatchObject({
      status: 403,
    })
    await expect(openSocket(url, { headers: { cookie } })).rejects.toMatchObject({ status: 403 })
    using socket = await openSocket(url, { headers: { cookie, origin: url } })
    expect(socket.heard).toEqual([])
    const foreign = await new Api(url, '', { origin: 'https://evil.example' }).send(
      'POST',
      '/api/auth/login',
      {
        email: ann.email,
        password: ann.password,
      },
    )
    expect(foreign).toMatchObject({ status: 403, body: { code: 'FOREIGN_ORIGIN' } })
  })

  test('that is ended ends, with its socket, and only it', async () => {
    const [first, second] = [
      await logIn(url, ann.email, ann.password),
      await logIn(url, ann.email, ann.password),
    ]
    using socket = await openSocket(url, { headers: { cookie: first, origin: url } })

    const answer = await withCookie(url, first).send('POST', '/api/auth/logout', undefined, { origin: url })

    expect(answer.status).toBe(204)
    expect(answer.headers.get('set-cookie')).toMatch(/^easel_session=;.*Max-Age=0/)
    expect(await socket.ended).toBe(1008)
    expect((await withCookie(url, first).get('/api/auth/me')).status).toBe(401)
    expect((await withCookie(url, second).get('/api/auth/me')).status).toBe(200)
  })

  test('everywhere is ended at once, and keys stay', async () => {
    const cookies = [await logIn(url, ann.email, ann.password), await logIn(url, ann.email, ann.password)]
    using socket = await openSocket(url, { headers: { cookie: cookies[1]!, origin: url } })

    await must(
      withCookie(url, cookies[0]!).send('DELETE', '/api/auth/sessions', undefined, { origin: url }),
      204,
    )

    expect(await socket.ended).toBe(1008)
    for (const cookie of [...cookies, ann.cookie]) {
      expect((await withCookie(url, cookie).get('/api/auth/me')).status).toBe(401)
    }
    expect((await ann.api.get('/api/auth/me')).status).toBe(200)
    ann = { ...ann, cookie: await logIn(url, ann.email, ann.password) }
  })

  test('guessed too often is closed for a while, and says for how long', async () => {
    const victim = await addPerson(admin, 'victim')
    const guess = () =>
      new Api(url, '').send('POST', '/api/auth/login', { email: victim.email, password: 'guess' })
    const answers = await Promise.all(Array.from({ length: 12 }, guess))

    const closed = answers.filter(({ status }) => status === 429)
    expect(closed.length).toBeGreaterThan(0)
    expect(Number(closed[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(answers.every(({ status }) => status === 401 || status === 429)).toBe(true)
    expect((await victim.api.get('/api/auth/me')).status).toBe(200)
  })
})

describe('a socket', () => {
  test('takes no large messages, and is not kept open for who sends them', async () => {
    using socket = await openSocket(url, { headers: ann.api.credentials })

    socket.send('x'.repeat(1_000_000))

    expect(await socket.ended).toBe(1009)
  })

  test('does not mind what it is told', async () => {
    using socket = await openSocket(url, { headers: ann.api.credentials })

    for (const text of ['{', '{"subscribe":"*"}', '', '\u0000']) socket.send(text)
    const id = await ann.api.submit(colourGraph())

    const end = await socket.until(({ type, data }) => type === 'job.succeeded' && data.id === id)
    expect(end.spaceId).toBe(ann.spaceId)
  })

  test('is opened at no other path, and says why not', async () => {
    const opened = openSocket(`${url}/elsewhere`, { headers: ann.api.credentials })
    await expect(opened).rejects.toMatchObject({ status: 404 })
    const refused = await fetch(`${url}/api/events`, { headers: { accept: 'text/event-stream' } })
    expect(await refused.json()).toMatchObject({
      status: 401,
      code: 'NO_CREDENTIALS',
      traceId: expect.any(String),
    })
  })
})

describe('a ticket', () => {
  test('opens one socket, once', async () => {
    const { ticket } = await must(ann.api.send('POST', '/api/events/ticket'), 200)
    const query = `?ticket=${String(ticket)}`

    using socket = await openSocket(url, { query })
    await expect(openSocket(url, { query })).rejects.toMatchObject({ status: 401 })

    const { id: jobId } = await must(
      ann.api.send('POST', '/api/jobs', { workflow: colourGraph(), pool: 'nobody' }),
      202,
    )
    await socket.until(({ type, data }) => type === 'job.queued' && data.id === jobId)
  })

  test('is good for nothing else', async () => {
    const { ticket } = await must(ann.api.send('POST', '/api/events/ticket'), 200)

    expect((await new Api(url, '').get(`/api/jobs?ticket=${String(ticket)}`)).status).toBe(401)
    expect((await new Api(url, String(ticket)).get('/api/jobs')).status).toBe(401)
  })

  test('ends with the key that asked for it', async () => {
    const { id: keyId, key } = await must(createKey(url, ann.cookie, { name: 'ticket' }), 201)
    const { ticket } = await must(new Api(url, String(key)).send('POST', '/api/events/ticket'), 200)
    using socket = await openSocket(url, { query: `?ticket=${String(ticket)}` })

    await must(ann.api.send('DELETE', `/api/keys/${String(keyId)}`), 204)

    expect(await socket.ended).toBe(1008)
  })
})
