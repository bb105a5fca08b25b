import { expect, test } from 'vitest'
import { createMetrics, startHealthServer } from '../src/index.ts'
import type { Checks } from '../src/index.ts'

async function start(checks: Checks) {
  const metrics = createMetrics('test', { process: false })
  const server = await startHealthServer({ host: '127.0.0.1', port: 0, checks, metrics })
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method })
    return { status: response.status, text: await response.text() }
  }
  return { server, get, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('tells alive from ready', async () => {
  await using health = await start({ database: () => Promise.reject(new Error('down')) })

  await expect(health.get('/healthz')).resolves.toMatchObject({ status: 200 })
  const ready = await health.get('/readyz?verbose')
  expect(ready.status).toBe(503)
  expect(JSON.parse(ready.text)).toMatchObject({
    ready: false,
    checks: { database: { ok: false, error: 'failed' } },
  })
})

test('is ready until it drains, and alive still', async () => {
  await using health = await start({})
  await expect(health.get('/readyz')).resolves.toMatchObject({ status: 200 })

  health.server.drain()

  await expect(health.get('/readyz')).resolves.toMatchObject({ status: 503 })
  await expect(health.get('/healthz')).resolves.toMatchObject({ status: 200 })
})

test('serves metrics and nothing else', async () => {
  await using health = await start({})

  await expect(health.get('/metrics')).resolves.toMatchObject({ status: 200 })
  await expect(health.get('/__proto__')).resolves.toMatchObject({ status: 404 })
  await expect(health.get('/healthz', 'POST')).resolves.toMatchObject({ status: 404 })
})

test('a port that is taken is an error of the start', async () => {
  await using health = await start({})

  const again = startHealthServer({ host: '127.0.0.1', port: health.server.port, checks: {} })

  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
