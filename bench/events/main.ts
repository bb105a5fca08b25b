import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { connectBus, ensureStreams, publishFact, publishLive } from '@easel/bus'
import { startServers } from '@easel/embedded'
import { apiKey, memoryOf, startBare, startGateway } from './processes.ts'
import { Crowd } from './sockets.ts'
import type { JobView } from '@easel/contracts'
import type { Target } from './processes.ts'

const { values } = parseArgs({
  options: { sockets: { type: 'string', default: '100,2000' }, samples: { type: 'string', default: '200' } },
})
const samples = Number(values.samples)
const underWay = 16
const mib = 2 ** 20

await using stack = new AsyncDisposableStack()
const home = await mkdtemp(join(tmpdir(), 'easel-bench-events-'))
stack.defer(() => rm(home, { recursive: true, force: true }))
const servers = stack.use(await startServers({ home: join(home, 'servers') }))
const bus = stack.use(await connectBus({ url: servers.urls.nats, name: 'bench', log: console }))
await ensureStreams(bus)
const blobs = join(home, 'blobs')
const spaceId = await personalSpace()
/** Each is measured while the other has nothing to do. */
const bareSpaceId = randomUUID()
const userId = randomUUID()
/** As inference tells it. The contracts have decorators, which Node does not run from source. */
const jobChanged = { name: 'inference.job.changed', version: 1, payload: Object as never }
/** Of events: each its own, so that its arrivals can be counted. */
let next = 1

for (const count of values.sockets.split(',').map(Number)) await measure(count)
process.exitCode = 0

async function measure(count: number): Promise<void> {
  await using gateway = await startGateway(servers, blobs)
  await using bare = await startBare(servers, bareSpaceId)
  using easel = new Crowd(spaceId)
  using plain = new Crowd(bareSpaceId)
  const [easelBytes, bareBytes] = [await openAll(easel, gateway, count), await openAll(plain, bare, count)]

  await warmUp([easel, plain])
  const latency = { easel: [] as number[], plain: [] as number[] }
  const rates = { easel: [] as number[], plain: [] as number[] }
  // In turns: a slow minute of the machine hits both.
  for (let round = 0; round < 4; round++) {
    for (const [name, crowd] of [
      ['easel', easel],
      ['plain', plain],
    ] as const) {
      latency[name].push(...(await liveLatency(crowd, samples / 4)))
      rates[name].push(await fanOut(crowd, count))
    }
  }
  report(`${count} sockets: live, ms to the last of them`, [
    ['bare p50', percentile(latency.plain, 0.5)],
    ['bare p99', percentile(latency.plain, 0.99)],
    ['Easel p50', percentile(latency.easel, 0.5)],
    ['Easel p99', percentile(latency.easel, 0.99)],
  ])
  report(`${count} sockets: deliveries a second`, [
    ['bare', percentile(rates.plain, 0.5)],
    ['Easel', percentile(rates.easel, 0.5)],
    ['ratio', percentile(rates.easel, 0.5) / percentile(rates.plain, 0.5)],
  ])
  const durable = await durableLatency(easel, Math.min(100, samples))
  report(`${count} sockets: durable, ms to the last of them`, [
    ['p50', percentile(durable, 0.5)],
    ['p99', percentile(durable, 0.99)],
  ])
  report(`${count} sockets: memory of one, KiB`, [
    ['bare', bareBytes / count / 1_024],
    ['Easel', easelBytes / count / 1_024],
  ])
  await measurePaused(easel, gateway, count)
  await measureRestart(gateway, count)
}

/** What the sockets cost the process. */
async function openAll(crowd: Crowd, target: Target, count: number): Promise<number> {
  // Code that runs for the first time costs memory once, not for each.
  {
    using first = new Crowd('')
    await first.open(target, 50)
  }
  await delay(500)
  const before = await memoryOf(target)
  await crowd.open(target, count)
  await delay(1_000)
  return (await memoryOf(target)) - before
}

async function warmUp(crowds: readonly Crowd[]): Promise<void> {
  for (let i = 0; i < 50; i++) {
    await Promise.all(crowds.map((crowd) => sendOne(crowd)))
  }
}

/** Resolves when it has come to all. */
function sendOne(crowd: Crowd): Promise<void> {
  const n = next++
  const arrived = crowd.arrived(n)
  const step = { value: 0.5, node: '3', step: 10, steps: 20 }
  const data = { jobId: randomUUID(), attempt: 1, phase: 'generating', ...step, n }
  publishLive(bus, { spaceId: crowd.spaceId, channel: 'job-progress', key: 'bench', data })
  return arrived
}

async function liveLatency(crowd: Crowd, count: number, between?: () => void): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < count; i++) {
    between?.()
    const sentAt = performance.now()
    await sendOne(crowd)
    taken.push(performance.now() - sentAt)
    await delay(5)
  }
  return taken
}

/** Deliveries a second. */
async function fanOut(crowd: Crowd, count: number): Promise<number> {
  const events = Math.max(40, Math.round(100_000 / count))
  const startedAt = performance.now()
  let left = events
  const senders = Array.from({ length: underWay }, async () => {
    while (left-- > 0) await sendOne(crowd)
  })
  await Promise.all(senders)
  return (events * count) / ((performance.now() - startedAt) / 1_000)
}

async function durableLatency(crowd: Crowd, count: number): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < count; i++) {
    const n = next++
    const arrived = crowd.arrived(n)
    const sentAt = performance.now()
    await publishFact(bus, jobChanged, { id: randomUUID(), payload: { event: 'job.queued', job: aJob(n) } })
    await arrived
    taken.push(performance.now() - sentAt)
  }
  return taken
}

async function measurePaused(crowd: Crowd, gateway: Target, count: number): Promise<void> {
  const bytes = new Uint8Array(64 * 1_024)
  // One in every ten events, or the previews themselves would be all that is measured.
  let turn = 0
  const preview = () => {
    if (turn++ % 10 === 0)
      publishLive(bus, { spaceId, channel: 'job-preview', key: 'bench', data: {}, bytes })
  }
  const calm = await liveLatency(crowd, samples, preview)
  const before = await memoryOf(gateway)
  const paused = crowd.pauseOne()
  const stalled = await liveLatency(crowd, samples, preview)
  const after = await memoryOf(gateway)
  report(`${count} sockets: with one paused reader, ms to the last of the others`, [
    ['all read p50', percentile(calm, 0.5)],
    ['all read p99', percentile(calm, 0.99)],
    ['one paused p50', percentile(stalled, 0.5)],
    ['one paused p99', percentile(stalled, 0.99)],
    ['gateway grew by MiB', (after - before) / mib],
  ])
  paused.socket.destroy()
}

async function measureRestart(gateway: Target, count: number): Promise<void> {
  const after = await newestCursor(gateway)
  for (let i = 0; i < 50; i++) {
    await publishFact(bus, jobChanged, { id: randomUUID(), payload: { event: 'job.queued', job: aJob(0) } })
  }
  await delay(1_000)
  await gateway.kill()
  await using again = await startGateway(servers, blobs)
  using crowd = new Crowd(spaceId)
  const startedAt = performance.now()
  await crowd.open(again, count, `?after=${after}`)
  const opened = performance.now() - startedAt
  while (crowd.caughtUp < count) await delay(2)
  report(`${count} sockets: all resume after a restart, 50 events each, ms`, [
    ['until all are open', opened],
    ['until all have caught up', performance.now() - startedAt],
  ])
}

async function newestCursor(target: Target): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}` }
  let cursor = '0'
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${target.port}/api/events?limit=200&after=${cursor}`, {
      headers,
    })
    const { items, nextCursor } = (await answer.json()) as { items: unknown[]; nextCursor: string }
    if (items.length === 0) return nextCursor
    cursor = nextCursor
  }
}

async function personalSpace(): Promise<string> {
  await using gateway = await startGateway(servers, blobs)
  const headers = { authorization: `Bearer ${apiKey}` }
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/api/auth/me`, { headers })
  return ((await answer.json()) as { personalSpaceId: string }).personalSpaceId
}

function aJob(n: number): JobView & { n: number } {
  return {
    n,
    id: randomUUID(),
    kind: 'workflow',
    status: 'queued',
    priority: 'normal',
    pool: 'default',
    outputs: [],
    timings: {},
    attempts: [],
    warnings: [],
    usage: { gpuSeconds: 0, costMicros: 0 },
    spaceId,
    createdBy: userId,
    createdAt: new Date().toISOString(),
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

function report(title: string, rows: readonly [string, number][]): void {
  console.log(`\n${title}`)
  for (const [name, value] of rows) console.log(`  ${name.padEnd(28)} ${value.toFixed(2)}`)
}
