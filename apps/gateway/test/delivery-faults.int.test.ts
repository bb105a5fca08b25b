import { waitFor } from '@easel/testing'
import { Secret } from '@easel/config'
import { expect, test } from 'vitest'
import { GatewayStore } from '../src/gateway.store.ts'
import { DeliveriesRepository } from '../src/webhooks/deliveries.repository.ts'
import { oddReceiver } from './support/odd-receiver.ts'
import { callOf, startTestGateway } from './support/start-gateway.ts'
import { eventOf, idOf, startReceiver, verify, WebhookUser } from './support/webhooks.ts'
import type { RecordedRequest } from '@easel/testing'
import type { TestGateway } from './support/start-gateway.ts'

const distinct = (requests: readonly RecordedRequest[]) => new Set(requests.map(idOf)).size

/** The ends of so many jobs, a few at a time. */
async function endJobs(user: WebhookUser, count: number): Promise<Set<string>> {
  const jobs = new Set<string>()
  for (let done = 0; done < count; done += 20) {
    const some = Array.from({ length: Math.min(20, count - done) }, () => user.runJob())
    for (const job of await Promise.all(some)) jobs.add(job)
  }
  return jobs
}

function subjects(requests: readonly RecordedRequest[]): Set<string | undefined> {
  return new Set(requests.map((request) => eventOf(request).data.id))
}

test('two gateways make each delivery once and send it once', async () => {
  await using server = await startTestGateway()
  await server.startAnother()
  await using receiver = await startReceiver()
  const user = new WebhookUser(server)
  await user.create(`${receiver.url}/hook`)

  const jobs = await endJobs(user, 200)

  await waitFor(() => subjects(receiver.requests).size === 200, { timeoutMs: 30_000 })
  await allEnded(server)
  expect(subjects(receiver.requests)).toEqual(jobs)
  expect(receiver.requests).toHaveLength(200)
})

test('what a gateway was sending when it died is sent by another, as the same', async () => {
  // The lease is over while the first attempt still hangs: for the others its gateway is dead.
  await using server = await startTestGateway({ webhooks: { leaseMs: 500 } })
  const seen: (string | undefined)[] = []
  await using receiver = await oddReceiver((response, request) => {
    seen.push(request.headers['webhook-id']?.toString())
    if (seen.length > 1) response.writeHead(200).end()
  })
  const user = new WebhookUser(server)
  const { id } = await user.create(receiver.url)

  await user.runJob()

  expect(await user.deliveryWith(id, { status: 'delivered' })).toMatchObject({ attempts: 2 })
  expect(seen).toHaveLength(2)
  expect(seen[0]).toBe(seen[1])
})

test('a gateway that stops leaves nothing behind, and the next one goes on', async () => {
  await using server = await startTestGateway()
  await using receiver = await startReceiver()
  const user = new WebhookUser(server)
  await user.create(`${receiver.url}/hook`, { events: ['job.*'] })
  const before = await endJobs(user, 20)
  await waitFor(() => subjects(receiver.requests).size === 20)
  await server.gateway[Symbol.asyncDispose]()
  const [spaceId] = [...server.peers.jobs.values()].map(({ job }) => job.spaceId)
  const [job] = before

  await server.peers.changeJob(job ?? '', { status: 'failed' })
  await server.startAnother()

  await waitFor(() => receiver.requests.map(eventOf).some(({ type }) => type === 'job.failed'))
  await allEnded(server)
  expect(spaceId).toBeDefined()
  expect(receiver.requests).toHaveLength(61)
  expect(distinct(receiver.requests)).toBe(61)
})

test(
  'connections that break at any moment lose no event and make none twice',
  { timeout: 90_000 },
  async () => {
    await using server = await startTestGateway({ webhooks: { leaseMs: 2_000 } })
    await using receiver = await startReceiver()
    const user = new WebhookUser(server)
    await user.create(`${receiver.url}/hook`, { events: ['job.*'] })
    await user.create(`${receiver.url}/hook`, { events: ['job.succeeded'] })
    const ids = await Promise.all(Array.from({ length: 60 }, async () => (await user.submit()).id))
    const sending = new AbortController()
    const breaks = breakConnections(server, sending.signal)

    for (const status of ['running', 'succeeded'] as const) {
      for (const id of ids) {
        await server.peers.changeJob(id, { status })
        await server.sql('select pg_sleep(0.03)')
      }
    }
    sending.abort()
    expect(await breaks).toBeGreaterThan(10)

    await waitFor(() => distinct(receiver.requests) >= 240, { timeoutMs: 40_000 })
    await allEnded(server)
    expect(distinct(receiver.requests)).toBe(240)
    const rows = await server.sql(
      `select count(*)::int as rows, count(distinct (webhook_id, cursor))::int as events from webhook_deliveries`,
    )
    expect(rows).toEqual([{ rows: 240, events: 240 }])
    for (const id of ids)
      expect(firstSeen(receiver.requests, id)).toEqual(['job.queued', 'job.running', 'job.succeeded'])
  },
)

/** Again and again, but for the one that writes the feed; gives how often. */
async function breakConnections(server: TestGateway, until: AbortSignal): Promise<number> {
  let count = 0
  for (; !until.aborted; count++) {
    await server.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and random() < 0.5
          and pid not in (select pid from pg_locks where locktype = 'advisory')`,
    )
    await server.sql('select pg_sleep(0.15)')
  }
  return count
}

/** The types of events about a job in the order in which each was heard first, by the webhook that hears all. */
function firstSeen(requests: readonly RecordedRequest[], job: string): string[] {
  return [
    ...new Set(
      requests
        .map(eventOf)
        .filter(({ data }) => data.id === job)
        .map(({ type }) => type),
    ),
  ]
}

test('what is not taken for long enough fails, and its webhook is switched off', async () => {
  await using server = await startTestGateway({ webhooks: { patienceMs: 300, disableAfterMs: 100 } })
  await using receiver = await startReceiver()
  receiver.on('POST /hook', { status: 500 })
  const user = new WebhookUser(server)
  const { id } = await user.create(`${receiver.url}/hook`)

  await user.runJob()

  await user.deliveryWith(id, { status: 'failed', lastError: 'STATUS' })
  await waitFor(async () => !(await user.send('GET', `/api/webhooks/${id}`)).body.enabled)
  expect((await user.send('GET', `/api/webhooks/${id}`)).body.disabledReason).toBe('FAILING')
})

test('old deliveries are swept, failed ones later', async () => {
  await using server = await startTestGateway()
  await using receiver = await startReceiver()
  receiver.on('POST /hook', { status: 200 }, { status: 410 })
  const user = new WebhookUser(server)
  const { id } = await user.create(`${receiver.url}/hook`)
  await user.runJob()
  await user.deliveryWith(id, { status: 'delivered' })
  await user.runJob()
  await user.deliveryWith(id, { status: 'failed' })
  await server.sql(`update webhook_deliveries set finished_at = now() - interval '10 days'`)

  const deliveries = new DeliveriesRepository(new GatewayStore(server.database))
  await deliveries.sweep({ deliveredMs: 7 * 86_400_000, failedMs: 30 * 86_400_000 })

  expect(await user.deliveries(id)).toMatchObject([{ status: 'failed' }])
})

test('a new EASEL_SECRET takes over the secrets that the one before it sealed', async () => {
  await using server = await startTestGateway()
  await using receiver = await startReceiver()
  const user = new WebhookUser(server)
  const { secret: signing } = await user.create(`${receiver.url}/hook`)
  const { id: job } = await user.submit()
  await server.gateway[Symbol.asyncDispose]()
  const secret = new Secret('another secret of tests, long enough too')

  const between = await server.startAnother({ secret: { secret, previous: [server.config.secret.secret] } })
  await between[Symbol.asyncDispose]()
  await server.startAnother({ secret: { secret, previous: [] } })
  await server.peers.changeJob(job, { status: 'succeeded' })

  const request = await waitFor(() => receiver.requests[0])
  expect(verify(request, signing)).toMatchObject({ type: 'job.succeeded' })
})

test('without the EASEL_SECRET of before a gateway starts, and a rotation heals its webhooks', async () => {
  await using server = await startTestGateway()
  await using receiver = await startReceiver()
  const user = new WebhookUser(server)
  const { id } = await user.create(`${receiver.url}/hook`)
  const secret = new Secret('another secret of tests, long enough too')

  const other = await server.startAnother({ secret: { secret, previous: [] } })
  const call = callOf(other)
  const rotated = await call(`/api/webhooks/${id}/rotate-secret`, { method: 'POST' })
  await server.gateway[Symbol.asyncDispose]()
  await call(`/api/webhooks/${id}/test`, { method: 'POST' })

  const request = await waitFor(() => receiver.requests[0])
  expect(verify(request, rotated.body.secret)).toMatchObject({ type: 'webhook.test' })
})

test('a thousand events reach three receivers', { timeout: 120_000 }, async () => {
  await using server = await startTestGateway()
  const user = new WebhookUser(server)
  const receivers = await Promise.all([startReceiver(), startReceiver(), startReceiver()])
  await using _stack = stackOf(receivers)
  for (const { url } of receivers) await user.create(`${url}/hook`)

  const jobs = await endJobs(user, 1_000)

  await waitFor(() => receivers.every(({ requests }) => subjects(requests).size === 1_000), {
    timeoutMs: 60_000,
  })
  for (const { requests } of receivers) expect(subjects(requests)).toEqual(jobs)
})

function stackOf(resources: readonly AsyncDisposable[]): AsyncDisposableStack {
  const stack = new AsyncDisposableStack()
  for (const resource of resources) stack.use(resource)
  return stack
}

async function allEnded(server: TestGateway): Promise<void> {
  await waitFor(
    async () =>
      (await server.sql(`select from webhook_deliveries where status in ('waiting', 'due')`)).length === 0,
    { timeoutMs: 30_000, describe: 'the end of every delivery' },
  )
}
