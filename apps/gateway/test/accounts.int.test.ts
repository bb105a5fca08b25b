import { AppError, newId } from '@easel/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway } from './support/start-gateway.ts'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
let member: { id: string; key: string; spaceId: string }
let other: { id: string; key: string; spaceId: string }
beforeAll(async () => {
  server = await startTestGateway()
  member = await server.addUser('member@example.com')
  other = await server.addUser('other@example.com')
})
afterAll(() => server[Symbol.asyncDispose]())

const put = (path: string, json: unknown, key?: string) => server.call(path, { method: 'PUT', json, key })

test('an admin sets the limits of a space, its members see them, and it is in the audit', async () => {
  const path = `/api/spaces/${member.spaceId}/budget`

  const set = await put(path, { maxOpen: 5, gpuSecondsPerDay: 60.5 })
  const seen = await server.call(path, { key: member.key })

  const limits = { maxOpen: 5, gpuSecondsPerDay: 60.5 }
  expect(set).toMatchObject({ status: 200, body: { scope: 'space', id: member.spaceId, limits } })
  expect(seen.body).toEqual(set.body)
  const { body } = await server.call('/api/audit?action=limits.set')
  expect(body.items[0]).toMatchObject({ target: `space:${member.spaceId}`, details: limits })
})

test('a user sees the own limits and usage, and admins all of them', async () => {
  for (const key of [member.key, undefined]) {
    const budget = await server.call(`/api/users/${member.id}/budget`, { key })
    const usage = await server.call(`/api/users/${member.id}/usage?period=month&last=3`, { key })

    expect(budget).toMatchObject({ status: 200, body: { scope: 'user', id: member.id } })
    expect(usage).toMatchObject({ status: 200, body: { scope: 'user', id: member.id } })
    expect(usage.body.totals).toHaveLength(3)
  }
})

test('members may not set the limits of what is theirs', async () => {
  for (const path of [`/api/spaces/${member.spaceId}/budget`, `/api/users/${member.id}/budget`]) {
    const answer = await put(path, { maxOpen: 1_000 }, member.key)
    expect(answer).toMatchObject({ status: 403, body: { code: 'ADMINS_ONLY' } })
  }
  expect(server.peers.limits.get(`user:${member.id}`)).toBeUndefined()
})

test('a key of an admin without the scope sets nothing', async () => {
  const made = await server.call('/api/keys', {
    method: 'POST',
    json: { name: 'half', scopes: ['jobs:write'] },
  })

  const answer = await put(`/api/users/${member.id}/budget`, { maxOpen: 1 }, made.body.key)

  expect(answer).toMatchObject({ status: 403, body: { code: 'MISSING_SCOPE' } })
})

test.each(['spaces', 'users'])(
  'what is foreign of %s is as what is not there, whatever is asked',
  async (of) => {
    const own = of === 'spaces' ? other.spaceId : other.id
    const code = of === 'spaces' ? 'SPACE_NOT_FOUND' : 'USER_NOT_FOUND'
    for (const id of [own, newId()]) {
      const answers = await Promise.all([
        server.call(`/api/${of}/${id}/budget`, { key: member.key }),
        server.call(`/api/${of}/${id}/usage`, { key: member.key }),
        put(`/api/${of}/${id}/budget`, {}, member.key),
      ])
      for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code } })
    }
    const made = await Promise.all([
      server.call(`/api/${of}/${newId()}/budget`),
      put(`/api/${of}/${newId()}/budget`, {}),
    ])
    for (const answer of made) expect(answer).toMatchObject({ status: 404, body: { code } })
  },
)

test('the limits for all are the admins’', async () => {
  for (const of of ['spaces', 'users']) {
    expect(await put(`/api/limits/${of}`, { weight: 2 })).toMatchObject({ status: 200 })
    expect(await server.call(`/api/limits/${of}`)).toMatchObject({ body: { limits: { weight: 2 } } })
    expect(await server.call(`/api/limits/${of}`, { key: member.key })).toMatchObject({ status: 403 })
    expect(await put(`/api/limits/${of}`, {}, member.key)).toMatchObject({ status: 403 })
  }
})

test.each([
  [{ weight: 0 }, 'weight'],
  [{ maxOpen: 1.5 }, 'maxOpen'],
  [{ gpuSecondsPerDay: -1 }, 'gpuSecondsPerDay'],
  [{ deniedNodes: [''] }, 'deniedNodes'],
  [{ scope: 'user' }, 'scope'],
  [{ maxOpenn: 1 }, 'maxOpenn'],
])('%j is no set of limits', async (json, path) => {
  const answer = await put(`/api/spaces/${member.spaceId}/budget`, json)

  expect(answer).toMatchObject({ status: 422, body: { code: 'INVALID_INPUT', errors: [{ path }] } })
})

test('whose usage it is says the path alone', async () => {
  const base = `/api/users/${member.id}/usage`

  for (const query of [`id=${other.id}`, 'scope=space', 'last=0', 'last=401', 'period=year']) {
    expect(await server.call(`${base}?${query}`, { key: member.key }), query).toMatchObject({ status: 422 })
  }
})

test('a spent quota is 429 and a spent budget 402, with when it frees', async () => {
  const details = { limit: 'costMicrosPerDay', allowed: 5, used: 5, reserved: 0, asked: 1 }
  const refuse = async (reason: string) => {
    server.peers.refusal = new AppError('exhausted', 'Too much', { reason, retryAfterMs: 90_000, details })
    return server.call('/api/jobs', {
      method: 'POST',
      json: { workflow: { 1: { class_type: 'A', inputs: {} } } },
    })
  }

  const quota = await refuse('QUOTA_EXCEEDED')
  const budget = await refuse('BUDGET_EXCEEDED')

  expect(quota).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED', detail: 'Too much', details } })
  expect(budget).toMatchObject({ status: 402, body: { code: 'BUDGET_EXCEEDED', details } })
  for (const answer of [quota, budget]) expect(answer.headers.get('retry-after')).toBe('90')
})
