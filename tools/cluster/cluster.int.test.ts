import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster, type Cluster } from './cluster.ts'
import { startFarm, type Farm } from './farm.ts'
import { figuresOf } from './figures.ts'
import { call } from './http.ts'
import { Ledger } from './ledger.ts'
import { runLoad, type LoadOptions } from './load.ts'
import { makePeople } from './people.ts'
import { graphOf, virtualModels } from './virtual-models.ts'
import { countsOfFarm } from './worker-counts.ts'

const timeScale = 0.01
const patienceMs = 180_000
const models = virtualModels({ count: 3, loadSeconds: [4], runSeconds: [6, 15] })
let farm: Farm
let cluster: Cluster
let stack: AsyncDisposableStack

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  farm = stack.use(await startFarm({ workers: 4, models, timeScale }))
  cluster = stack.use(await startCluster({ comfyUrls: farm.urls, links: true }))
}, patienceMs)

afterAll(() => stack?.disposeAsync())

const people = (seed: number) =>
  makePeople({ url: cluster.urls[0]!, apiKey: cluster.apiKey, users: 2, flooders: 1, seed })

const load = (ledger: Ledger, more: Partial<LoadOptions> = {}) =>
  runLoad({
    urls: cluster.urls,
    users: ledger.users,
    ledger,
    workloads: models.map((model) => ({
      name: model.file,
      weight: 1,
      graph: (seed: number) => graphOf(model, seed),
    })),
    arrivals: { perMinute: 20 },
    flood: 6,
    minutes: 4,
    // Two real minutes at most; a machine that is free needs seconds.
    drainMinutes: 200,
    timeScale,
    ...more,
  })

test(
  'a load of a few seconds gets all it was promised, and the account agrees with the cluster',
  async () => {
    const ledger = new Ledger(await people(1))
    const before = await countsOfFarm(farm, cluster.workerIds)
    const fromMs = performance.now()

    await load(ledger)

    const after = await countsOfFarm(farm, cluster.workerIds)
    const figures = figuresOf(ledger, { timeScale, fromMs, untilMs: performance.now(), before, after })
    expect(ledger.jobs.size).toBeGreaterThan(20)
    expect(ledger.broken).toEqual([])
    expect(ledger.open).toEqual([])
    expect(ledger.count('succeeded')).toBe(ledger.jobs.size)
    expect(figures.workers.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(ledger.jobs.size)
    expect(figures.workers.map(({ name }) => name)).toEqual(cluster.workerIds)
    expect(figures.users.map(({ flooder }) => flooder)).toEqual([false, true])
    for (const [index, { apiKey }] of ledger.users.entries()) {
      const { body } = await call(`${cluster.urls[0]}/api/jobs?limit=200`, { apiKey })
      const mine = [...ledger.jobs.values()].filter(({ user }) => user === index).map(({ id }) => id)
      expect((body.items as { id: string }[]).map(({ id }) => id).sort()).toEqual(mine.sort())
    }
  },
  patienceMs,
)

test(
  'nothing is lost when control is killed and the gateway is cut off in the middle',
  async () => {
    const ledger = new Ledger(await people(2))
    const halfway = async () => {
      await waitFor(() => ledger.jobs.size > 5, { timeoutMs: 60_000 })
      for (const link of cluster.linksBetween({ from: 'client' })) link.reset()
      await cluster.process('inference-1').killAndRestart()
    }

    await Promise.all([load(ledger, { follow: 'poll', followMs: 50, seed: 2 }), halfway()])

    expect(ledger.broken).toEqual([])
    expect(ledger.open).toEqual([])
    expect(ledger.count('succeeded')).toBe(ledger.jobs.size)
  },
  patienceMs,
)
