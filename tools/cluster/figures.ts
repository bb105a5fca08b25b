import { fairness, percentile } from './statistics.ts'
import { priorities } from './load.ts'
import type { Ledger, LedgerJob, LedgerUser } from './ledger.ts'

/** What a worker has done so far; seconds are real ones. */
export type WorkerCount = {
  readonly name: string
  readonly vramGib: number | undefined
  readonly running: boolean
  readonly jobs: number
  readonly busySeconds: number
  /** Jobs of which is known whether they had to load a model first, and those that had to. */
  readonly judged: number
  readonly cold: number
  readonly loads: number
  /** What runs and loads were to take; unknown on real GPUs. */
  readonly plannedSeconds: number | undefined
}

/** What happened while jobs were submitted. Seconds, hours and rates are virtual where `real` is not said. */
export type Figures = {
  readonly timeScale: number
  readonly minutes: number
  readonly realSeconds: number
  readonly jobs: { accepted: number; succeeded: number; failed: number; canceled: number; expired: number }
  readonly refused: Readonly<Record<string, number>>
  readonly retried: Readonly<Record<string, number>>
  readonly broken: readonly string[]
  /** Ended within the time. */
  readonly ended: number
  readonly jobsPerHour: number
  readonly jobsPerRealSecond: number
  /** Of all that was accepted and started, also after the time: else the longest waits would be missing. */
  readonly wait: Spread
  readonly total: Spread
  readonly warmShare: number | undefined
  readonly modelLoads: number
  readonly fairness: number
  readonly gpuHours: number
  readonly utilisation: number
  /** How much longer runs took than the simulated GPUs needed, 0.02 is two in a hundred; real seconds cause it. */
  readonly stretch: number | undefined
  /** Processor time of everything that this machine did for it, real seconds a job that ended; undefined if unknown. */
  readonly processorSecondsPerJob: number | undefined
  /** Of all processors of this machine; from about 0.7 on the figures tell of it as well. */
  readonly processorsBusy: number | undefined
  readonly workers: readonly WorkerFigures[]
  readonly users: readonly UserFigures[]
  readonly classes: readonly { name: string; accepted: number; wait: Spread }[]
}

export type Spread = { readonly p50: number; readonly p99: number; readonly max: number }
export type WorkerFigures = {
  name: string
  vramGib?: number
  jobs: number
  utilisation: number
  gpuHours: number
}
export type UserFigures = {
  name: string
  flooder: boolean
  accepted: number
  ended: number
  gpuHours: number
  wait: Spread
}

export type Period = {
  readonly timeScale: number
  /** Milliseconds of `performance.now()`. */
  readonly fromMs: number
  readonly untilMs: number
  readonly before: readonly WorkerCount[]
  readonly after: readonly WorkerCount[]
  /** Processor time that went into it, and how many processors there are. */
  readonly processors?: { readonly seconds: number; readonly count: number }
}

/** The account of a load, reckoned over the time in which was submitted. */
export function figuresOf(ledger: Ledger, period: Period): Figures {
  const { timeScale, fromMs, untilMs, processors } = period
  const realSeconds = (untilMs - fromMs) / 1_000
  const hours = realSeconds / timeScale / 3_600
  const jobs = [...ledger.jobs.values()]
  const ended = jobs.filter(({ status, endedMs = Infinity }) => status !== 'canceled' && endedMs <= untilMs)
  const workers = differences(period)
  const busy = sum(workers, ({ busySeconds }) => busySeconds)
  const planned = workers.every(({ plannedSeconds }) => plannedSeconds !== undefined)
    ? sum(workers, ({ plannedSeconds }) => plannedSeconds ?? 0)
    : undefined
  const judged = sum(workers, (worker) => worker.judged)
  const waits = (some: readonly LedgerJob[]) => spread(some.map((job) => waitOf(job, timeScale)))
  return {
    timeScale,
    minutes: hours * 60,
    realSeconds,
    jobs: {
      accepted: jobs.length,
      succeeded: ledger.count('succeeded'),
      failed: ledger.count('failed'),
      canceled: ledger.count('canceled'),
      expired: ledger.count('expired'),
    },
    refused: Object.fromEntries(ledger.refused),
    retried: Object.fromEntries(ledger.retried),
    broken: ledger.broken,
    ended: ended.length,
    jobsPerHour: ended.length / hours,
    jobsPerRealSecond: ended.length / realSeconds,
    wait: waits(jobs),
    total: spread(jobs.map((job) => totalOf(job, timeScale))),
    warmShare: judged > 0 ? 1 - sum(workers, ({ cold }) => cold) / judged : undefined,
    modelLoads: sum(workers, ({ loads }) => loads),
    fairness: fairnessOf(ledger, untilMs),
    gpuHours: busy / timeScale / 3_600,
    utilisation: workers.length > 0 ? busy / (realSeconds * workers.length) : 0,
    stretch: planned !== undefined && planned > 0 ? busy / planned - 1 : undefined,
    processorSecondsPerJob: processors && ended.length > 0 ? processors.seconds / ended.length : undefined,
    processorsBusy: processors && processors.seconds / (realSeconds * processors.count),
    workers: workers.map(({ name, vramGib, jobs: count, busySeconds }) => ({
      name,
      ...(vramGib !== undefined && { vramGib }),
      jobs: count,
      utilisation: busySeconds / realSeconds,
      gpuHours: busySeconds / timeScale / 3_600,
    })),
    users: ledger.users.map((user, index) =>
      userFigures(
        user,
        jobs.filter((job) => job.user === index),
        { period, waits },
      ),
    ),
    classes: priorities.map((name) => {
      const ofClass = jobs.filter(({ priority }) => priority === name)
      return { name, accepted: ofClass.length, wait: waits(ofClass) }
    }),
  }
}

function userFigures(
  { name, flooder }: LedgerUser,
  jobs: readonly LedgerJob[],
  { period, waits }: { period: Period; waits: (some: readonly LedgerJob[]) => Spread },
): UserFigures {
  const ended = jobs.filter(({ endedMs = Infinity }) => endedMs <= period.untilMs)
  const gpuHours = sum(ended, gpuSecondsOf) / period.timeScale / 3_600
  return { name, flooder, accepted: jobs.length, ended: ended.length, gpuHours, wait: waits(jobs) }
}

/** Jain's index of GPU-seconds got until then, each measured by what was fair to have of what was asked for. */
export function fairnessOf(ledger: Ledger, untilMs = Infinity): number {
  const jobs = [...ledger.jobs.values()]
  const usual = usualSeconds(jobs)
  const users = ledger.users.map(() => ({ wanted: 0, got: 0 }))
  for (const job of jobs) {
    if (job.acceptedMs > untilMs) continue
    const seconds = gpuSecondsOf(job) || (usual.get(job.workload) ?? 0)
    const user = users[job.user]!
    user.wanted += seconds
    if (job.endedMs !== undefined && job.endedMs <= untilMs) user.got += gpuSecondsOf(job)
  }
  return fairness(users)
}

/** What a run of each workload took on the average: for jobs that did not come to run. */
function usualSeconds(jobs: readonly LedgerJob[]): Map<number, number> {
  const groups = Map.groupBy(
    jobs.filter((job) => gpuSecondsOf(job) > 0),
    ({ workload }) => workload,
  )
  return new Map([...groups].map(([workload, some]) => [workload, sum(some, gpuSecondsOf) / some.length]))
}

function gpuSecondsOf({ view }: LedgerJob): number {
  return view?.usage.gpuSeconds ?? 0
}

/** From acceptance to the first start, virtual seconds; nothing for what never started. */
export function waitOf({ view }: LedgerJob, timeScale: number): number | undefined {
  if (!view?.startedAt) return undefined
  return Math.max(0, Date.parse(view.startedAt) - Date.parse(view.createdAt)) / 1_000 / timeScale
}

/** Of what was not canceled. */
function totalOf({ view, status }: LedgerJob, timeScale: number): number | undefined {
  if (!view?.finishedAt || status === 'canceled') return undefined
  return (Date.parse(view.finishedAt) - Date.parse(view.createdAt)) / 1_000 / timeScale
}

export function spread(values: readonly (number | undefined)[]): Spread {
  const known = values.filter((value) => value !== undefined)
  const at = (share: number) => percentile(known, share) ?? 0
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

function differences({ before, after }: Period): WorkerCount[] {
  const earlier = new Map(before.map((worker) => [worker.name, worker]))
  return after.map((worker) => {
    const was = earlier.get(worker.name)
    if (!was) return worker
    return {
      ...worker,
      jobs: worker.jobs - was.jobs,
      busySeconds: worker.busySeconds - was.busySeconds,
      judged: worker.judged - was.judged,
      cold: worker.cold - was.cold,
      loads: worker.loads - was.loads,
      plannedSeconds:
        worker.plannedSeconds === undefined ? undefined : worker.plannedSeconds - (was.plannedSeconds ?? 0),
    }
  })
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
