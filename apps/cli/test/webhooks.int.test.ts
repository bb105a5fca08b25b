import { expect, test } from 'vitest'
import { cliHome } from './support/run-easel.ts'
import { key, problem, standInGateway } from './support/stand-in-gateway.ts'
import type { DeliveryDetails, NewWebhook } from '@easel/client'

const id = '0193b3a2-0000-7000-8000-0000000000b1'
const deliveryId = '0193b3a2-0000-7000-8000-0000000000d1'
const time = '2026-11-20T10:00:00.000Z'
const url = 'https://receiver.example/hook'

const webhook: NewWebhook = {
  id,
  kind: 'endpoint',
  url,
  description: '',
  events: ['job.*'],
  enabled: true,
  spaceId: '0193b3a2-0000-7000-8000-00000000005a',
  createdBy: '0193b3a2-0000-7000-8000-0000000000ff',
  createdAt: time,
  updatedAt: time,
  secret: 'whsec_c2VjcmV0',
}
const delivery: DeliveryDetails = {
  id: deliveryId,
  webhookId: id,
  type: 'job.failed',
  subject: 'a-job',
  status: 'failed',
  attempts: 2,
  lastStatus: 500,
  lastError: 'STATUS',
  createdAt: time,
  log: [
    { number: 1, at: time, durationMs: 15_000, status: null, error: 'TIMEOUT' },
    { number: 2, at: time, durationMs: 12, status: 500, error: 'STATUS' },
  ],
}

async function start() {
  await using stack = new AsyncDisposableStack()
  const home = stack.use(await cliHome())
  const server = stack.use(await standInGateway())
  const owned = stack.move()
  return {
    server,
    easel: (...words: string[]) => home.easel(words, { env: { EASEL_URL: server.url, EASEL_API_KEY: key } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

test('a webhook is made, and its secret alone is printed', async () => {
  await using cli = await start()
  cli.server.on('POST /api/webhooks', { status: 201, body: webhook })

  const { code, stdout, stderr } = await cli.easel(
    'webhooks',
    'create',
    url,
    '--event',
    'job.*',
    'asset.created',
  )

  expect([code, stdout]).toEqual([0, 'whsec_c2VjcmV0\n'])
  expect(stderr).toContain(id)
  expect(cli.server.bodies('POST /api/webhooks')).toEqual([{ url, events: ['job.*', 'asset.created'] }])
})

test('the one for job URLs has no URL', async () => {
  await using cli = await start()
  cli.server.on('POST /api/webhooks', { status: 201, body: { ...webhook, kind: 'job-urls', url: null } })

  const { code } = await cli.easel('webhooks', 'create', '--job-urls')

  expect(code).toBe(0)
  expect(cli.server.bodies('POST /api/webhooks')).toEqual([{ kind: 'job-urls' }])
})

test('webhooks are listed, changed and removed', async () => {
  await using cli = await start()
  const off = { ...webhook, enabled: false, disabledReason: 'GONE' }
  cli.server.on('GET /api/webhooks', { body: { items: [off], nextCursor: null } })
  cli.server.on(`PATCH /api/webhooks/${id}`, { body: webhook })
  cli.server.on(`DELETE /api/webhooks/${id}`, { status: 204 })

  const list = await cli.easel('webhooks', 'list')
  const changed = await cli.easel('webhooks', 'update', id, '--on')
  const removed = await cli.easel('webhooks', 'rm', id, '--json')

  expect(list.stdout).toContain('off (GONE)')
  expect(changed.stdout).toBe(`${id} on\n`)
  expect(cli.server.bodies(`PATCH /api/webhooks/${id}`)).toEqual([{ enabled: true }])
  expect(JSON.parse(removed.stdout)).toEqual({ removed: [id] })
})

test('deliveries are listed, looked at and sent again', async () => {
  await using cli = await start()
  const base = `/api/webhooks/${id}/deliveries`
  cli.server.on(`GET ${base}`, { body: { items: [delivery], nextCursor: null } })
  cli.server.on(`GET ${base}/${deliveryId}`, { body: delivery })
  cli.server.on(`POST ${base}/${deliveryId}/redeliver`, { status: 202, body: delivery })

  const list = await cli.easel('webhooks', 'deliveries', id, '--status', 'failed')
  const shown = await cli.easel('webhooks', 'delivery', id, deliveryId)
  const again = await cli.easel('webhooks', 'redeliver', id, deliveryId, '--json')

  expect(cli.server.requestsTo(`GET ${base}`)[0]?.path).toContain('status=failed')
  expect(list.stdout).toContain('job.failed')
  expect(shown.stdout).toContain('TIMEOUT  15000 ms')
  expect(JSON.parse(again.stdout)).toMatchObject({ items: [{ id: deliveryId }] })
})

test('a secret is rotated, a webhook tried out', async () => {
  await using cli = await start()
  cli.server.on(`POST /api/webhooks/${id}/rotate-secret`, { body: webhook })
  cli.server.on(`POST /api/webhooks/${id}/test`, { status: 202, body: delivery })

  const rotated = await cli.easel('webhooks', 'rotate', id, '--json')
  const tried = await cli.easel('webhooks', 'test', id)

  expect(JSON.parse(rotated.stdout)).toEqual(webhook)
  expect(tried.stdout).toBe(`${deliveryId}\n`)
})

test('what is refused is told with its path', async () => {
  await using cli = await start()
  const errors = [{ path: 'events.0', message: 'must be a known type of event' }]
  cli.server.on('POST /api/webhooks', problem(422, 'INVALID_INPUT', { errors }))

  const { code, stderr } = await cli.easel('webhooks', 'create', url, '--event', 'job.suceeded')

  expect(code).toBe(2)
  expect(stderr).toContain('events.0')
})
