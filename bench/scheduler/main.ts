import { parseArgs } from 'node:util'
import { defaultRules, easelPolicy } from './easel-policy.ts'
import { meanOf, measure } from './measures.ts'
import { fifoPolicy, invokePolicy, swarmPolicy } from './peer-policies.ts'
import { simulate } from './simulation.ts'
import { makeWorld } from './world.ts'
import type { Measures } from './measures.ts'
import type { Policy } from './simulation.ts'
import type { World, WorldOptions } from './world.ts'

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    window: { type: 'string', default: String(defaultRules.window) },
    quantum: { type: 'string', default: String(defaultRules.quantum) },
    prefetch: { type: 'string', default: '1' },
    only: { type: 'string' },
    peers: { type: 'boolean', default: true },
  },
})
const seeds = values.seeds.split(',').map(Number)
const rules = { ...defaultRules, window: Number(values.window), quantum: Number(values.quantum) }

type Scenario = { title: string } & Omit<WorldOptions, 'seed'>

const hour = 3_600
const large = { workers: 8, models: 20 }
const small = { workers: 4, models: 8 }
const scenarios: Scenario[] = [
  { title: 'everybody waits', ...large, horizonSeconds: 3 * hour, load: 2.5, flood: 0.4, burst: 40 },
  { title: 'saturated', ...large, horizonSeconds: 8 * hour, load: 1.2, flood: 0.8, burst: 40 },
  { title: '0.85 load', ...large, horizonSeconds: 24 * hour, load: 0.85, flood: 0.3, burst: 10 },
  { title: 'saturated, small', ...small, horizonSeconds: 8 * hour, load: 1.2, flood: 0.8, burst: 40 },
  { title: '0.85 load, small', ...small, horizonSeconds: 24 * hour, load: 0.85, flood: 0.3, burst: 10 },
]

const policies: ((world: World, seed: number) => Policy)[] = [
  (world) => easelPolicy(world, { rules, prefetchSlots: Number(values.prefetch) }),
  (_, seed) => fifoPolicy(seed),
  ...(values.peers ? [() => swarmPolicy(), () => invokePolicy()] : []),
]

for (const scenario of scenarios) {
  if (values.only !== undefined && !scenario.title.startsWith(values.only)) continue
  const worlds = seeds.map((seed) => ({ seed, world: makeWorld({ ...scenario, seed }) }))
  const rows = policies.map((make) => {
    const began = performance.now()
    const name = make(worlds[0]!.world, 0).name
    const all = worlds.map(({ seed, world }) => measure(world, simulate(world, make(world, seed))))
    return { name, seconds: (performance.now() - began) / 1_000, ...meanOf(all) }
  })
  print(scenario, worlds.reduce((sum, { world }) => sum + world.jobs.length, 0) / worlds.length, rows)
}

function print(scenario: Scenario, jobs: number, rows: (Measures & { name: string; seconds: number })[]) {
  const { title, workers, models } = scenario
  console.log(
    `\n${title}: ${workers} workers, ${models} models, ${Math.round(jobs)} jobs, mean of ${seeds.length} seeds`,
  )
  const fifo = rows.find(({ name }) => name.startsWith('FIFO'))
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        row.name,
        {
          'jobs/h': Math.round(row.jobsPerHour),
          '× FIFO': fixed(row.jobsPerHour / (fifo?.jobsPerHour ?? 1), 2),
          warm: fixed(row.warmRate, 3),
          'swaps/job': fixed(row.swapsPerJob, 3),
          Jain: row.jain === undefined ? '–' : fixed(row.jain, 3),
          'p50 wait s': Math.round(row.p50),
          'p99 wait s': Math.round(row.p99),
          'p99 × FIFO': fixed(row.p99 / (fifo?.p99 ?? 1), 3),
          'longest s': Math.round(row.longest),
          'longest × FIFO': fixed(row.longest / (fifo?.longest ?? 1), 2),
        },
      ]),
    ),
  )
}

function fixed(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
