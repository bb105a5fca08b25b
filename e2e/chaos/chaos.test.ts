import { tempDirectory } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster } from './support/cluster.ts'
import type { Cluster } from './support/cluster.ts'
import { deathsIn, dieAtEach, recordFlows } from './support/fault-points.ts'
import { sleepGraph } from './support/load.ts'
import { Random } from './support/random.ts'
import { playStorm, setStage } from './support/run.ts'

const seed = 20261120
const colour = 0x4682b4

let stack: AsyncDisposableStack
let cluster: Cluster

// One cluster for both: starting it is a good part of what they take.
beforeAll(async () => {
  await using building = new AsyncDisposableStack()
  const folder = building.use(await tempDirectory())
  cluster = building.use(await startCluster({ folder: folder.path, workers: 3 }))
  stack = building.move()
}, 300_000)

afterAll(() => stack.disposeAsync(), 60_000)

const quiet = () => undefined

test(
  'control may die before, during and after every statement of submit, bind and settlement: no job is lost or settled twice',
  { timeout: 480_000 },
  async () => {
    await using stage = await setStage(cluster, { jobs: 0, random: new Random(seed), name: 'point' })
    const client = stage.client(0)
    const { spaceId } = stage.people[0]!
    const runJob = async () => {
      const { status, body } = (await client.send('POST', '/api/jobs', {
        body: { workflow: sleepGraph(0.3, colour) },
      }))!
      expect(status).toBe(202)
      return stage.people[0]!.api.finished(String(body.id))
    }
    const flows = await recordFlows(cluster, runJob)
    const deaths = [
      ...deathsIn('submit', flows.submit),
      ...deathsIn('bind', flows.bind),
      ...deathsIn('settle', flows.settle),
    ]

    const missed = await dieAtEach({
      cluster,
      client,
      deaths,
      graph: sleepGraph(1, colour),
      remember: (job) => stage.load.remember({ ...job, person: 0, spaceId }),
      log: quiet,
    })
    const findings = await stage.check({ settleMs: 60_000, sweep: false })

    expect(missed).toEqual([])
    expect(deaths.length).toBeGreaterThan(10)
    expect(stage.load.accepted.size).toBeGreaterThanOrEqual(deaths.length)
    expect(findings.violations).toEqual([])
  },
)

test('faults of every kind over 120 jobs: every promise is kept', { timeout: 300_000 }, async () => {
  const random = new Random(seed)
  await using stage = await setStage(cluster, { jobs: 120, random: random.fork(), name: 'storm' })

  const storm = await playStorm(stage, { faults: 12, random: random.fork(), meanGapMs: 700, log: quiet })
  const findings = await stage.check({ settleMs: 90_000 })

  expect(storm.failed).toEqual([])
  expect(stage.load.accepted.size).toBeGreaterThanOrEqual(120)
  expect(findings.violations).toEqual([])
})
