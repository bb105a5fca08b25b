import { Secret } from '@easel/config'
import { tcpProxy, testNats, testRedis, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { adminPassword, startTestGateway } from './support/start-gateway.ts'

const login = { method: 'POST', key: null, json: { email: 'admin@example.com', password: adminPassword } }
const workflow = { '1': { class_type: 'EmptyImage', inputs: {} } }

test('without Redis, calls with a key go on; log-ins do not', async () => {
  await using redis = await testRedis()
  await using proxy = await tcpProxy({ target: redis.url })
  const url = new URL(redis.url)
  url.host = `127.0.0.1:${proxy.port}`
  await using server = await startTestGateway({
    redis: { url: new Secret(url.href), prefix: redis.prefix },
    limits: { callsPerUser: 1_000, callsPerAddress: 1_000 },
  })
  expect((await server.call('/api/auth/login', login)).status).toBe(200)

  proxy.set({ refuse: true })
  proxy.reset()

  await waitFor(async () => (await server.call('/api/auth/login', login)).status === 503)
  const started = performance.now()
  expect((await server.call('/api/auth/me')).status).toBe(200)
  expect((await server.call('/api/jobs', { method: 'POST', json: { workflow } })).status).toBe(202)
  expect(performance.now() - started).toBeLessThan(10_000)
  expect((await server.call('/readyz', { key: null })).body.checks.redis.ok).toBe(false)

  proxy.set({})
  await waitFor(async () => (await server.call('/api/auth/login', login)).status === 200)
})

test('without NATS, calls fail at once with a time to come again, and go on when it is back', async () => {
  await using nats = await testNats()
  await using proxy = await tcpProxy({ target: nats.url })
  const url = new URL(nats.url)
  url.host = `127.0.0.1:${proxy.port}`
  await using server = await startTestGateway({
    nats: { url: new Secret(url.href), credentialsFile: undefined, prefix: nats.prefix },
    peersOn: nats,
  })

  proxy.set({ refuse: true })
  proxy.reset()

  const failed = await waitFor(async () => {
    const answer = await server.call('/api/jobs', { method: 'POST', json: { workflow } })
    return answer.status === 503 && answer
  })
  expect(failed.body.code).toMatch(/BUS_DISCONNECTED|NOBODY_LISTENS/)
  expect(failed.headers.get('retry-after')).toBe('1')
  expect((await server.call('/api/auth/me')).status).toBe(200)

  proxy.set({})
  await waitFor(
    async () => (await server.call('/api/jobs', { method: 'POST', json: { workflow } })).status === 202,
  )
})

test('without Postgres, calls are answered with 503, and the process lives', async () => {
  await using server = await startTestGateway({ proxyDatabase: true })
  const { proxy } = server
  expect((await server.call('/api/users')).status).toBe(200)

  proxy?.set({ refuse: true })
  proxy?.reset()

  const failed = await server.call('/api/users')
  expect(failed).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE' } })
  expect(failed.headers.get('retry-after')).toBe('1')

  proxy?.set({})
  await waitFor(async () => (await server.call('/api/users')).status === 200)
  const { body } = await server.call('/api/jobs', { method: 'POST', json: { workflow } })
  await waitFor(async () => {
    const { text } = await server.call('/api/events?after=0&limit=200')
    return text.includes(body.id)
  })
})

test('a user has only so many calls a minute, and is told when to come again', async () => {
  await using server = await startTestGateway({ limits: { callsPerUser: 5, callsPerAddress: 3 } })

  const known = []
  for (let i = 0; i < 7; i++) known.push((await server.call('/api/auth/me')).status)
  const unknown = []
  for (let i = 0; i < 5; i++) unknown.push((await server.call('/api/auth/me', { key: null })).status)

  expect(known).toEqual([200, 200, 200, 200, 200, 429, 429])
  expect(unknown).toEqual([401, 401, 401, 429, 429])
  const refused = await server.call('/api/auth/me')
  expect(refused.body.code).toBe('RATE_LIMITED')
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)
})
