import { randomUUID } from 'node:crypto'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { colourGraph, samplerGraph } from '../support/graphs.ts'
import { openEventSource, openSocket } from '../support/listen.ts'
import { addPerson, must } from '../support/people.ts'
import { bodyFor, describedRoutes, scopeOf } from '../support/routes.ts'
import { startServices } from '../support/services.ts'
import { makeThings } from '../support/things.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Json } from '../support/api.ts'
import type { Person } from '../support/people.ts'
import type { DescribedRoute } from '../support/routes.ts'
import type { Services } from '../support/services.ts'
import type { Things } from '../support/things.ts'

let services: Services
let admin: Api
let ann: Person
let bob: Person
let own: Things

beforeAll(async () => {
  services = await startServices({ stepMs: 20 })
  admin = new Api(services.url, bootstrapKey)
  ann = await addPerson(admin, 'ann')
  bob = await addPerson(admin, 'bob')
  own = await makeThings(ann)
}, 120_000)
afterAll(() => services?.[Symbol.asyncDispose]())

describe('what is somebody else’s', () => {
  test('is not there on any route with an id, whatever the verb', async () => {
    const wrong: string[] = []
    const routes = await routesWithIds()
    for (const path of new Set(routes.map((route) => route.path))) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        const described = routes.find((route) => route.path === path && route.method === method)
        const real = await ask(bob.api, described ?? { method, path, operation: {} }, own)
        if (real.status !== 404) wrong.push(`${method} ${path}: ${real.status} ${real.body.code}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('answers as what was never there', async () => {
    const nothing = new Proxy({} as Things, { get: () => randomUUID() })
    for (const route of await routesWithIds()) {
      const real = await ask(bob.api, route, own)
      const made = await ask(bob.api, route, nothing)
      expect([real.status, real.body.code, real.body.detail], `${route.method} ${route.path}`).toEqual([
        made.status,
        made.body.code,
        made.body.detail,
      ])
    }
  })

  test('is unharmed after all this', async () => {
    const job = await must(ann.api.get(`/api/jobs/${own.jobs}`), 200)
    expect(job.status).toBe('succeeded')
    const asset = await must(ann.api.get(`/api/assets/${own.assets}`), 200)
    expect(asset).toMatchObject({ tags: ['mine'], rating: 0 })
    expect(await must(ann.api.get(`/api/sessions/${own.sessions}`), 200)).toMatchObject({ revision: 1 })
    expect(await must(ann.api.get(`/api/workflows/${own.workflows}`), 200)).toMatchObject({ version: 1 })
    expect(await must(ann.api.get(`/api/spaces/${own.spaces}`), 200)).toMatchObject({ name: 'Ann’s team' })
    const members = await must(ann.api.get(`/api/spaces/${own.spaces}/members`), 200)
    expect(members.items).toMatchObject([{ userId: ann.id, role: 'owner' }])
    expect((await ann.api.get('/api/auth/me')).status).toBe(200)
  })

  test('is in no list, and by no filter', async () => {
    const ids = new Set<unknown>([...Object.values(own), ann.id, ann.spaceId])
    const lists = (await describedRoutes(admin)).filter(
      (route) => route.method === 'GET' && !route.path.includes('{') && answersJson(route),
    )
    for (const { path } of lists) {
      const { status, body } = await bob.api.get(path)
      // 422: it is no list, and wants to be asked something.
      expect([200, 403, 422], path).toContain(status)
      expect(idsIn(body).filter((id) => ids.has(id))).toEqual([])
    }
    const filters = [
      `/api/jobs?spaceId=${ann.spaceId}`,
      `/api/jobs?sessionId=${own.sessions}`,
      `/api/jobs?workflowId=${own.workflows}`,
      `/api/jobs?createdBy=${ann.id}`,
      `/api/assets?spaceId=${ann.spaceId}`,
      `/api/assets?sessionId=${own.sessions}`,
      `/api/assets?jobId=${own.jobs}`,
      `/api/assets?createdBy=${ann.id}`,
      `/api/workflows?spaceId=${ann.spaceId}`,
      `/api/sessions?spaceId=${ann.spaceId}`,
      `/api/webhooks?spaceId=${ann.spaceId}`,
      `/api/collections?spaceId=${ann.spaceId}`,
    ]
    for (const path of filters) {
      const { status, body } = await bob.api.get(path)
      if (status !== 404) expect([status, body.items], path).toEqual([200, []])
    }
    const stats = await bob.api.get(`/api/assets/stats?spaceId=${ann.spaceId}`)
    if (stats.status !== 404) expect(stats.body).toMatchObject({ total: 0, bytes: 0, models: [] })
  })

  test('shows nowhere while it runs', async () => {
    const running = await ann.api.submit(samplerGraph(9, 500))
    await waitFor(async () => (await ann.api.get(`/api/jobs/${running}`)).body.status === 'running')

    for (const path of ['/api/system/workers', '/api/system/pools', '/api/system/status', '/api/jobs']) {
      const { status, body } = await bob.api.get(path)
      expect([path, status, JSON.stringify(body).includes(running)]).toEqual([path, 200, false])
    }
    const { items } = await must(admin.get('/api/system/workers'), 200)
    expect(JSON.stringify(items)).toContain(running)
    await must(ann.api.send('POST', `/api/jobs/${running}/cancel`), 200)
    await ann.api.finished(running)
  })

  test('is not what one gets for the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'the same for both' }
    const submit = (api: Api) => api.send('POST', '/api/jobs', { workflow: colourGraph() }, headers)

    const [hers, his] = await Promise.all([submit(ann.api), submit(bob.api)])

    expect([hers.status, his.status]).toEqual([202, 202])
    expect(his.body).toMatchObject({ createdBy: bob.id, spaceId: bob.spaceId })
    expect(his.body.id).not.toBe(hers.body.id)
  })

  test('cannot be named in what one makes oneself', async () => {
    const mine = await upload(bob.api)
    const graph = colourGraph()
    const attempts: [string, ReturnType<Api['send']>, number][] = [
      [
        'a job in the session',
        bob.api.send('POST', '/api/jobs', { workflow: graph, sessionId: own.sessions }),
        404,
      ],
      ['a job of the workflow', bob.api.send('POST', '/api/jobs', { workflowId: own.workflows }), 404],
      [
        'a job in the space',
        bob.api.send('POST', '/api/jobs', { workflow: graph, spaceId: own.spaces }),
        404,
      ],
      [
        'a workflow in the space',
        bob.api.send('POST', '/api/workflows', { name: 'x', graph, spaceId: own.spaces }),
        404,
      ],
      [
        'a webhook in the space',
        bob.api.send('POST', '/api/webhooks', { url: 'https://hooks.invalid/', spaceId: own.spaces }),
        404,
      ],
      ['a session in the space', bob.api.send('POST', '/api/sessions', { spaceId: own.spaces }), 404],
      [
        'an asset moved to the session',
        bob.api.send('PATCH', `/api/assets/${mine}`, { sessionId: own.sessions }),
        404,
      ],
      [
        'an upload to the session',
        bob.api.send('POST', `/api/assets?filename=a.png&sessionId=${own.sessions}`, picture, png),
        404,
      ],
      [
        'an upload to the space',
        bob.api.send('POST', `/api/assets?filename=a.png&spaceId=${own.spaces}`, picture, png),
        404,
      ],
    ]
    const answers = await Promise.all(attempts.map(async ([name, sent]) => [name, (await sent).status]))
    expect(answers).toEqual(attempts.map(([name, , status]) => [name, status]))
  })

  test('cannot be an input: it is missing like any other id', async () => {
    const ask = (id: string) =>
      bob.api.send('POST', '/api/jobs', { workflow: loadGraph(), inputs: { '1.image': `asset:${id}` } })
    const made = randomUUID()

    const foreign = await ask(own.assets)
    const none = await ask(made)

    expect(foreign).toMatchObject({ status: 422, body: { code: 'ASSET_NOT_FOUND' } })
    expect(JSON.stringify(foreign.body.errors).replaceAll(own.assets, 'X')).toBe(
      JSON.stringify(none.body.errors).replaceAll(made, 'X'),
    )
  })

  test('is not reached by X-Space, by id or by name', async () => {
    const { slug } = await must(ann.api.get(`/api/spaces/${own.spaces}`), 200)
    for (const space of [own.spaces, ann.spaceId, String(slug), randomUUID(), '../x']) {
      const headers = { 'x-space': space }
      const answers = await Promise.all([
        bob.api.send('GET', '/api/jobs', undefined, headers),
        bob.api.send('GET', '/api/assets', undefined, headers),
        bob.api.send('POST', '/api/jobs', { workflow: colourGraph() }, headers),
        bob.api.send('POST', '/api/sessions', {}, headers),
        bob.api.send('POST', '/api/assets?filename=a.png', picture, { ...headers, ...png }),
      ])
      expect(
        answers.map(({ status }) => status),
        space,
      ).toEqual([404, 404, 404, 404, 404])
    }
  })

  test('an admin’s X-Space must be a space too', async () => {
    const headers = { 'x-space': randomUUID() }

    const answer = await admin.send('POST', '/api/jobs', { workflow: colourGraph() }, headers)

    expect(answer).toMatchObject({ status: 404, body: { code: 'SPACE_NOT_FOUND' } })
  })

  test('is heard on no stream: no event, no progress, no preview', async () => {
    using socket = await openSocket(services.url, { headers: bob.api.credentials })
    using events = await openEventSource(services.url, bob.api.credentials)
    using control = await openSocket(services.url, { headers: ann.api.credentials })
    const { nextCursor: before } = await lastPage(bob.api)

    const hers = await ann.api.submit(samplerGraph(1))
    await ann.api.finished(hers)
    const his = await bob.api.submit(colourGraph())
    await bob.api.finished(his)

    for (const listener of [socket, events]) await listener.until(isEndOf(his))
    await control.until(isEndOf(hers))
    expect(control.heard.map(({ type }) => type)).toContain('job.progress')
    const pulled = (await bob.api.get(`/api/events?after=${String(before)}`)).body.items as Json[]
    for (const heard of [socket.heard, events.heard, pulled]) {
      expect(heard.length).toBeGreaterThan(0)
      expect(new Set(heard.map(({ spaceId }) => spaceId as string))).toEqual(new Set([bob.spaceId]))
      expect(JSON.stringify(heard)).not.toContain(hers)
    }
  })
})

describe('a viewer of a shared space', () => {
  let team: Things

  beforeAll(async () => {
    team = await makeThings(ann, own.spaces)
    await addBob()
  }, 60_000)

  const addBob = () =>
    must(ann.api.send('POST', `/api/spaces/${own.spaces}/members`, { userId: bob.id, role: 'viewer' }), 201)
  const removeBob = () => must(ann.api.send('DELETE', `/api/spaces/${own.spaces}/members/${bob.id}`), 204)

  test('reads everything in it and changes nothing', async () => {
    const routes = (await routesWithIds()).filter(({ path }) => !/^\/api\/(keys|users|auth)\//.test(path))
    const wrong: string[] = []
    for (const route of routes) {
      const { status, body } = await ask(bob.api, route, team)
      if (status !== (route.method === 'GET' ? 200 : 403)) {
        wrong.push(`${route.method} ${route.path}: ${status} ${body.code}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('makes nothing in it', async () => {
    const headers = { 'x-space': own.spaces }
    const answers = await Promise.all([
      bob.api.send('POST', '/api/jobs', { workflow: colourGraph() }, headers),
      bob.api.send('POST', '/api/workflows', { name: 'x', graph: colourGraph() }, headers),
      bob.api.send('POST', '/api/sessions', {}, headers),
      bob.api.send('POST', '/api/assets?filename=a.png', picture, { ...headers, ...png }),
      bob.api.send('POST', '/api/downloads', { source: 'civitai', modelId: '1' }, headers),
    ])
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403])
  })

  test('hears no more of it the moment he is no member, on open streams too', async () => {
    await addBob()
    const running = await ann.api.submit(samplerGraph(2, 400), { spaceId: own.spaces })
    using socket = await openSocket(services.url, { headers: bob.api.credentials })
    using events = await openEventSource(services.url, bob.api.credentials)
    using watched = await openEventSource(services.url, bob.api.credentials, `/api/jobs/${running}/events`)
    const isOfIt = ({ data }: { data: Json }) => data.id === running || data.jobId === running
    for (const listener of [socket, events, watched]) {
      await listener.until((event) => event.type === 'job.progress' && isOfIt(event))
    }

    await removeBob()
    const counts = [socket, events, watched].map(({ heard }) => heard.length)
    await must(ann.api.send('POST', `/api/jobs/${running}/cancel`), 200)
    await ann.api.finished(running)
    const own2 = await bob.api.submit(colourGraph())
    for (const listener of [socket, events]) await listener.until(isEndOf(own2))

    // What was under way at that moment may still have come.
    for (const [index, { heard }] of [socket, events, watched].entries()) {
      const late = heard.slice(counts[index]).filter(isOfIt)
      expect(late.filter(({ type }) => type !== 'job.progress')).toEqual([])
      expect(late.length).toBeLessThan(5)
    }
    expect(await watched.ended).toBe(0)
    expect((await bob.api.get(`/api/jobs/${team.jobs}`)).status).toBe(404)
  })
})

const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const png = { 'content-type': 'image/png' }

/** Models are everybody's, favourites of them one's own whoever asks; workers are the admin's. */
const shared = /^\/api\/(library|models|favorites|bundles|system)\//

async function routesWithIds(): Promise<DescribedRoute[]> {
  const routes = (await describedRoutes(admin)).filter(
    (route) => route.path.includes('{') && !shared.test(route.path),
  )
  const owned = routes.filter((route) => scopeOf(route) !== 'admin')
  expect(owned.length).toBeGreaterThan(20)
  return owned
}

function ask(api: Api, route: DescribedRoute, things: Things) {
  const [, area = ''] = /^\/api\/(\w+)\//.exec(route.path) ?? []
  const id = things[area as keyof Things]
  if (id === undefined) throw new Error(`Whose is the id in ${route.path}?`)
  const path = route.path
    .replace('{id}', id)
    .replace('{userId}', things.users)
    .replace('{deliveryId}', things.deliveries)
    .replace('{entryId}', things.collections)
  const body = ['GET', 'HEAD'].includes(route.method) ? undefined : bodyFor(route)
  return api.send(route.method, path, body, { 'if-match': '"1"' })
}

function answersJson({ operation }: DescribedRoute): boolean {
  const content = (operation.responses['200'] as Json | undefined)?.content as Json | undefined
  return content !== undefined && 'application/json' in content
}

function idsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value]
  return Object.values(value).flatMap(idsIn)
}

async function upload(api: Api): Promise<string> {
  const { id } = await must(api.send('POST', '/api/assets?filename=a.png', picture, png), 201)
  return id as string
}

function loadGraph(): Json {
  return {
    '1': { class_type: 'LoadImage', inputs: { image: 'example.png' } },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'e2e' } },
  }
}

async function lastPage(api: Api): Promise<Json> {
  let page = (await api.get('/api/events?limit=200')).body
  while ((page.items as Json[]).length > 0) {
    page = (await api.get(`/api/events?limit=200&after=${String(page.nextCursor)}`)).body
  }
  return page
}

function isEndOf(jobId: string) {
  return ({ type, data }: { type: string; data: Json }) => type === 'job.succeeded' && data.id === jobId
}
