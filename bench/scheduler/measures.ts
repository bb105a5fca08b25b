import type { Run } from './simulation.ts'
import type { World } from './world.ts'

export type Measures = {
  jobsPerHour: number
  warmRate: number
  swapsPerJob: number
  /** Undefined where not all users waited all the time. */
  jain: number | undefined
  p50: number
  p99: number
  longest: number
}

/** Waits are those of all jobs, to the last; jobs per hour are those that ended while others still came. */
export function measure(world: World, runs: readonly Run[]): Measures {
  const waits = runs.map(({ job, ranAt }) => ranAt - job.arrivesAt).toSorted((a, b) => a - b)
  const inTime = runs.filter(({ endedAt }) => endedAt <= world.horizon).length
  const warm = runs.filter((run) => run.warm).length
  return {
    jobsPerHour: (inTime / world.horizon) * 3_600,
    warmRate: warm / runs.length,
    swapsPerJob: (runs.length - warm) / runs.length,
    jain: jainOf(world, runs),
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    longest: waits.at(-1) ?? 0,
  }
}

/**
 * Jain's index over the users' GPU-seconds (loading included) divided by their weights, while all of them had jobs
 * waiting: from the first time they all have, to the first time that one has none, without the first tenth. Who wants
 * less than its share could not get it, so such users would say nothing about a scheduler.
 */
function jainOf(world: World, runs: readonly Run[]): number | undefined {
  const [from, to] = contention(world, runs)
  if (to - from < 1_800) return undefined
  const served = world.users.map((user) =>
    runs
      .filter(({ job }) => job.user === user)
      .reduce(
        (sum, { startedAt, endedAt }) => sum + overlap([startedAt, endedAt], [from, to]) / user.weight,
        0,
      ),
  )
  const sum = served.reduce((a, b) => a + b, 0)
  return sum ** 2 / (served.length * served.reduce((a, b) => a + b * b, 0))
}

function contention(world: World, runs: readonly Run[]): [from: number, to: number] {
  let from = 0
  let to = Infinity
  for (const user of world.users) {
    const steps = runs
      .filter(({ job }) => job.user === user)
      .flatMap(({ job, startedAt }) => [
        { at: job.arrivesAt, by: 1 },
        { at: startedAt, by: -1 },
      ])
      .toSorted((a, b) => a.at - b.at || b.by - a.by)
    let waiting = 0
    let began: number | undefined
    let best: [number, number] = [0, 0]
    for (const { at, by } of steps) {
      waiting += by
      if (waiting > 0) began ??= at
      else if (began !== undefined) {
        if (at - began > best[1] - best[0]) best = [began, at]
        began = undefined
      }
    }
    from = Math.max(from, best[0])
    to = Math.min(to, best[1])
  }
  return [from + (to - from) / 10, to]
}

const overlap = (a: readonly [number, number], b: readonly [number, number]): number =>
  Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]))

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}

export function meanOf(all: readonly Measures[]): Measures {
  const mean = (of: (measures: Measures) => number) =>
    all.reduce((sum, each) => sum + of(each), 0) / all.length
  const jains = all.flatMap(({ jain }) => jain ?? [])
  return {
    jobsPerHour: mean(({ jobsPerHour }) => jobsPerHour),
    warmRate: mean(({ warmRate }) => warmRate),
    swapsPerJob: mean(({ swapsPerJob }) => swapsPerJob),
    jain: jains.length === all.length ? jains.reduce((a, b) => a + b, 0) / jains.length : undefined,
    p50: mean(({ p50 }) => p50),
    p99: mean(({ p99 }) => p99),
    longest: mean(({ longest }) => longest),
  }
}
