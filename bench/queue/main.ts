import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '@easel/embedded'
import { waitFor } from '@easel/testing'
import { rerunsAfterDeath } from './death.ts'
import { aPerson, registerWorkers, Seat, startEaselQueue } from './easel-queue.ts'
import { aGraph, percentile, rateOf, table } from './measures.ts'
import { bullmq, graphile } from './peers.ts'
import type { EaselQueue } from './easel-queue.ts'
import type { Cell } from './measures.ts'
import type { Peer } from './peers.ts'

const { values } = parseArgs({
  options: {
    queued: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '500' },
    samples: { type: 'string', default: '200' },
    deaths: { type: 'string', default: '20' },
    alone: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})
const queued = Number(values.queued)
const farm = Number(values.workers)
const samples = Number(values.samples)
const inFlight = 16
const drained = 2_000
const drainers = 8

type Figures = {
  name: string
  perSecond: number
  starts: number[]
  drainPerSecond: number
}

await using stack = new AsyncDisposableStack()
const home = await mkdtemp(join(tmpdir(), 'easel-bench-queue-'))
stack.defer(() => rm(home, { recursive: true, force: true }))
const servers = stack.use(await startServers({ home }))
const blobs = join(home, 'blobs')

const peers: Figures[] = []
const others = [
  () => bullmq(servers.urls.redis, 'everysec'),
  () => bullmq(servers.urls.redis, 'always'),
  () => graphile(servers.urls.postgres),
]
for (const open of values.alone ? [] : others) {
  await using peer = await open()
  peers.push(await measurePeer(peer))
}
await using easel = await startEaselQueue(servers, { blobs, profile: values.profile })
const { figures, work } = await measureEasel(easel)
report([figures, ...peers])
table(`work with ${queued} queued and ${farm} workers`, ['', 'ms'], work)
const deaths = Number(values.deaths)
if (deaths > 0) {
  const taken = await rerunsAfterDeath(easel, { servers, blobs, times: deaths })
  table(
    `kill -9 of a worker process, ms to the next attempt's start (${deaths} times)`,
    ['', 'ms'],
    [
      ['p50', percentile(taken, 0.5)],
      ['p99', percentile(taken, 0.99)],
      ['most', Math.max(...taken)],
    ],
  )
}
process.exitCode = 0

async function measurePeer(peer: Peer): Promise<Figures> {
  let next = 0
  const payload = () => ({ index: next++, workflow: aGraph(next) })
  const began = new Map<number, number>()
  await rateOf(500, inFlight, () => peer.add(payload()))
  const perSecond = await rateOf(queued, inFlight, () => peer.addBacklog(payload()))
  const worker = await peer.start(1, (index) => began.set(index, performance.now()))
  await waitFor(() => began.size >= 500, { timeoutMs: 60_000 })

  const starts: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const job = payload()
    const sentAt = performance.now()
    await peer.add(job)
    starts.push((await waitFor(() => began.get(job.index))) - sentAt)
  }
  await worker[Symbol.asyncDispose]()

  await rateOf(drained, inFlight, () => peer.add(payload()))
  const before = began.size
  const startedAt = performance.now()
  await using _workers = await peer.start(drainers, (index) => began.set(index, performance.now()))
  await waitFor(() => began.size >= before + drained, { timeoutMs: 120_000 })
  const drainPerSecond = drained / ((performance.now() - startedAt) / 1_000)
  return { name: peer.name, perSecond, starts, drainPerSecond }
}

/**
 * The jobs that wait ask for a label that only the farm has, whose slots are all taken; those that are measured ask
 * for none and find a worker that is free.
 */
async function measureEasel(easel: EaselQueue): Promise<{ figures: Figures; work: [string, Cell][] }> {
  const crowd = Array.from({ length: 20 }, aPerson)
  const somebody = aPerson()
  const add = (index: number, labels: string[]) =>
    easel.submit({ workflow: aGraph(index), labels }, crowd[index % crowd.length] ?? somebody)
  await rateOf(500, inFlight, (index) => add(index, ['nobody']))
  const emptyPerSecond = await rateOf(1_000, inFlight, (index) => add(index, ['farm']))
  const perSecond = await rateOf(queued, inFlight, (index) => add(index, ['farm']))
  const deepPerSecond = await rateOf(1_000, inFlight, (index) => add(index, ['farm']))
  await registerWorkers(easel, farm, 'farm')
  await waitFor(async () => (await easel.cycles()).bound >= farm, {
    timeoutMs: 60_000,
    describe: 'a full farm',
  })

  const seat = await Seat.take(easel.bus, { id: 'free', labels: [], slots: 1, prefetch: 0 })
  const before = await easel.cycles()
  const starts: number[] = []
  const accepts: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const sentAt = performance.now()
    const { id } = await easel.submit({ workflow: aGraph(sample) }, somebody)
    accepts.push(performance.now() - sentAt)
    starts.push((await waitFor(() => seat.arrived.get(id))) - sentAt)
  }
  const after = await easel.cycles()
  await seat[Symbol.asyncDispose]()

  const drainPerSecond = await drain(easel)
  const work: [string, Cell][] = [
    ['submit p50', percentile(accepts, 0.5)],
    ['submit p99', percentile(accepts, 0.99)],
    ['submit to start p50', percentile(starts, 0.5)],
    ['submit to start p99', percentile(starts, 0.99)],
    ['scheduler, per look', (1_000 * (after.sum - before.sum)) / (after.count - before.count)],
    ['control, CPU per job submitted, bound and ended', (1_000 * (after.cpu - before.cpu)) / samples],
    ['scheduler, per job bound', (1_000 * (after.sum - before.sum)) / (after.bound - before.bound)],
    ['accepted/s, 500 queued', emptyPerSecond],
    [`accepted/s, ${queued + 1_500} queued`, deepPerSecond],
  ]
  return { figures: { name: 'Easel', perSecond, starts, drainPerSecond }, work }
}

/** The farm has seats of its own, which take from the whole queue. */
async function drain(easel: EaselQueue): Promise<number> {
  await using seats = new AsyncDisposableStack()
  const all: Seat[] = []
  const startedAt = performance.now()
  for (let index = 0; index < drainers; index++) {
    const options = { id: `drain-${index}`, labels: ['farm'], slots: 4, prefetch: 16 }
    all.push(seats.use(await Seat.take(easel.bus, options)))
  }
  const count = () => all.reduce((sum, { ended }) => sum + ended, 0)
  await waitFor(() => count() >= drained, { timeoutMs: 180_000, describe: 'a drained queue' })
  return count() / ((performance.now() - startedAt) / 1_000)
}

function report(all: readonly Figures[]): void {
  const [own] = all
  const rows = (of: (figures: Figures) => number): Cell[][] =>
    all.map((figures) => [
      figures.name,
      of(figures),
      figures === own || !own ? undefined : of(own) / of(figures),
    ])
  const head = (what: string) => ['', what, 'Easel to it']
  table(
    `accepted, ${inFlight} at once`,
    head('jobs/s'),
    rows(({ perSecond }) => perSecond),
  )
  table(
    `drained with no work, ${drainers} workers`,
    head('jobs/s'),
    rows(({ drainPerSecond }) => drainPerSecond),
  )
  const start = (share: number) => rows(({ starts }) => percentile(starts, share))
  table(`from the call to the start elsewhere, ${queued} queued, p50`, head('ms'), start(0.5))
  table(`from the call to the start elsewhere, ${queued} queued, p99`, head('ms'), start(0.99))
}
