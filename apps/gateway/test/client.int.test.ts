import { randomBytes } from 'node:crypto'
import { createEasel, eachItem, EaselError } from '@easel/client'
import { publishLive } from '@easel/bus'
import { tcpProxy, waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, adminPassword, startTestGateway } from './support/start-gateway.ts'
import type { Easel, EaselEvent } from '@easel/client'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
let easel: Easel
beforeAll(async () => {
  server = await startTestGateway()
  easel = createEasel({ url: server.gateway.url, apiKey: adminKey })
})
afterAll(() => server[Symbol.asyncDispose]())

const workflow = { '1': { class_type: 'KSampler', inputs: { seed: 18446744073709551615n } } }

test('a job is submitted, watched and waited for', async () => {
  const job = await easel.jobs.submit({ workflow })
  const events: EaselEvent[] = []
  const waiting = easel.jobs.wait(job.id, { onEvent: (event) => events.push(event) })
  await waitFor(() => events.length > 0)
  publishLive(server.peers.bus, {
    spaceId: job.spaceId,
    channel: 'job-progress',
    key: job.id,
    data: { value: 0.5 },
  })
  await waitFor(() => events.some(({ type }) => type === 'job.progress'))
  await server.peers.changeJob(job.id, { status: 'succeeded' })

  expect(await waiting).toMatchObject({ id: job.id, status: 'succeeded' })
  expect(events.map(({ type }) => type)).toEqual(['job.queued', 'job.progress', 'job.succeeded'])
})

test('a seed of 64 bits is the same on both ends', async () => {
  const { id } = await easel.jobs.submit({ workflow })

  expect((await easel.jobs.graph(id)).graph).toEqual(workflow)
})

test('a job that has ended is waited for no more', async () => {
  const { id } = await easel.jobs.submit({ workflow })
  await server.peers.changeJob(id, { status: 'failed' })

  expect((await easel.jobs.wait(id)).status).toBe('failed')
})

test('an error tells its code and faults', async () => {
  const failure = await easel.jobs
    .submit({ workflow, priority: 'urgent' as never })
    .catch((cause: unknown) => cause)

  expect(failure).toBeInstanceOf(EaselError)
  expect(failure).toMatchObject({ status: 422, code: 'INVALID_INPUT', errors: [{ path: 'priority' }] })
})

test('a server that is away is told apart from one that refuses', async () => {
  const away = createEasel({ url: 'http://127.0.0.1:1', apiKey: adminKey })

  await expect(away.auth.me()).rejects.toMatchObject({ isNetwork: true, code: 'NETWORK' })
})

test('a file goes up as a stream and comes back the same', async () => {
  const bytes = randomBytes(3_000_000)
  const stream = new Blob([bytes]).stream()

  const asset = await easel.assets.upload(stream, { filename: 'noise.png', tags: ['noise'] })
  const whole = await (await easel.assets.download(asset.id)).bytes()
  const part = await (await easel.assets.download(asset.id, { range: { start: 10, end: 19 } })).bytes()

  expect(Buffer.from(whole).equals(bytes)).toBe(true)
  expect(Buffer.from(part).equals(bytes.subarray(10, 20))).toBe(true)
})

test('a program that has a password gets itself a key', async () => {
  const anonymous = createEasel({ url: server.gateway.url })

  const { key } = await anonymous.auth.exchangeForKey(
    { email: 'admin@example.com', password: adminPassword },
    { name: 'program' },
  )

  const me = await createEasel({ url: server.gateway.url, apiKey: key }).auth.me()
  expect(me.email).toBe('admin@example.com')
})

test('listening goes on where it was when the connection is lost', async () => {
  await using proxy = await tcpProxy({ target: { port: server.gateway.port } })
  const through = createEasel({ url: `http://127.0.0.1:${proxy.port}`, apiKey: adminKey })
  const stop = new AbortController()
  const ids: unknown[] = []
  let lost = 0
  const listening = (async () => {
    for await (const event of through.events.listen({ signal: stop.signal, onReconnect: () => lost++ })) {
      if (event.type === 'job.queued') ids.push((event.data as { id: string }).id)
    }
  })()
  const first = await submitUntilHeard(ids)

  proxy.set({ refuse: true })
  proxy.reset()
  await waitFor(() => lost > 0)
  const missed = await easel.jobs.submit({ workflow })
  proxy.set({})
  const last = await easel.jobs.submit({ workflow })
  await waitFor(() => ids.includes(last.id))
  stop.abort()
  await listening

  expect(ids.slice(ids.indexOf(first))).toEqual([first, missed.id, last.id])
})

/** Which of them comes first tells that somebody listens. */
async function submitUntilHeard(heard: readonly unknown[]): Promise<unknown> {
  await waitFor(async () => {
    if (heard.length === 0) await easel.jobs.submit({ workflow })
    return heard.length > 0
  })
  const { id } = await easel.jobs.submit({ workflow })
  await waitFor(() => heard.includes(id))
  return id
}

test('every item of a list comes, page by page', async () => {
  for (const name of ['a', 'b', 'c']) await easel.keys.create({ name })

  const names: string[] = []
  for await (const key of eachItem((cursor) => easel.keys.list({ limit: 2, ...(cursor && { cursor }) }))) {
    names.push(key.name)
  }

  expect(names.slice(0, 3)).toEqual(['c', 'b', 'a'])
  expect(new Set(names).size).toBe(names.length)
})

test('webhooks are made, tried and looked after', async () => {
  const { id, secret } = await easel.webhooks.create({
    url: 'https://receiver.example/hook',
    events: ['asset.*'],
  })
  const off = await easel.webhooks.update(id, { enabled: false })
  await easel.webhooks.update(id, { enabled: true })
  const sent = await easel.webhooks.test(id)
  const again = await easel.webhooks.rotateSecret(id)

  expect(again.secret).not.toBe(secret)
  expect(off).toMatchObject({ id, enabled: false })
  expect(await easel.webhooks.delivery(id, sent.id)).toMatchObject({ type: 'webhook.test', subject: sent.id })
  expect((await easel.webhooks.deliveries(id)).items).toHaveLength(1)
  expect((await easel.webhooks.list()).items.map((item) => item.id)).toContain(id)
  await easel.webhooks.delete(id)
  await expect(easel.webhooks.get(id)).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' })
})
