import type { JobExplanation, PoolList, WaitingReason } from '@easel/contracts'
import { exclude, exclusions } from '../scheduling/filter.ts'
import type { Exclusion } from '../scheduling/filter.ts'
import type { SchedulingRepository } from '../scheduling/scheduling.repository.ts'
import type { KnownClasses, Place } from '../scheduling/snapshot.ts'
import { isTerminal } from './job.ts'
import type { AcceptedJob } from '../control.store.ts'
import { countedBefore } from './jobs.repository.ts'
import type { Job } from './job.ts'
import type { Pace, QueueRepository } from './queue.repository.ts'

export type Standing = { position: number | null; etaSeconds: number | null }

const paceKeptMs = 2_000
const lengthKeptMs = 500

/** Where a job stands, and why it waits. */
export class QueueService {
  private readonly paces: Kept<Pace> = new Map()
  private readonly lengths: Kept<number> = new Map()

  constructor(
    private readonly queue: QueueRepository,
    private readonly scheduling: SchedulingRepository,
    private readonly known: KnownClasses,
  ) {}

  /** The time is a guess from the pool's last jobs and its slots; none is made without them. */
  async standingOf(job: Job | AcceptedJob): Promise<Standing> {
    if (job.status !== 'queued') return { position: null, etaSeconds: null }
    const [before, pace] = await Promise.all([this.countBefore(job), this.paceOf(job.pool)])
    const position = before + 1
    if (pace.slots === 0 || pace.seconds === null) return { position, etaSeconds: null }
    return { position, etaSeconds: Math.ceil(Math.ceil(position / pace.slots) * pace.seconds) }
  }

  async explain(job: Job, classes: string[]): Promise<JobExplanation> {
    const standing = await this.standingOf(job)
    return { id: job.id, status: job.status, ...standing, reasons: await this.reasonsFor(job, classes) }
  }

  async listPools(): Promise<PoolList> {
    const rows = await this.queue.pools()
    return {
      items: rows.map(({ oldestSeconds, ...row }) => ({ ...row, oldestQueuedSeconds: oldestSeconds })),
    }
  }

  private async reasonsFor(job: Job, classes: string[]): Promise<WaitingReason[]> {
    if (isTerminal(job.status)) return []
    if (job.workerId !== null) {
      const message =
        job.status === 'queued'
          ? `It lies ready at ${job.workerId} and runs when that is done with the one before`
          : `It runs on ${job.workerId}`
      return [{ code: job.status === 'queued' ? 'BOUND' : 'RUNNING', message }]
    }
    const places = (await this.scheduling.listPlaces()).filter(({ pool }) => pool === job.pool)
    if (places.length === 0) {
      return [{ code: 'NO_WORKER', message: `No worker serves the pool “${job.pool}”` }]
    }
    return this.compare({ ...job, classes }, places)
  }

  private compare(job: Job & { classes: string[] }, places: readonly Place[]): WaitingReason[] {
    const reasons = new Map<Exclusion | 'NEXT', string[]>()
    for (const place of places) {
      const code = exclude(job, place, this.known) ?? 'NEXT'
      reasons.set(code, [...(reasons.get(code) ?? []), place.id])
    }
    if (reasons.has('NEXT')) return [{ code: 'NEXT', message: 'A worker is free for it' }]
    const missing = places.flatMap(({ definitions }) => {
      const has = definitions === null ? undefined : this.known.get(definitions)
      return has ? job.classes.filter((name) => !has.has(name)) : []
    })
    return [...reasons].map(([code, workers]) => ({
      code,
      message: sentence(code, { workers, missing: [...new Set(missing)] }),
    }))
  }

  private countBefore(job: Job | AcceptedJob): number | Promise<number> {
    if (job.workerId !== null) return 0
    if (!('before' in job)) return this.queue.countBefore(job)
    return job.before < countedBefore ? job.before : this.countLong(job)
  }

  /** Where so many wait, a place that was counted a moment ago is near enough. */
  private countLong(job: Job): Promise<number> {
    const key = `${job.priority} ${job.pool}`
    return keptIn(this.lengths, key, { ms: lengthKeptMs, read: () => this.queue.countBefore(job) })
  }

  private paceOf(pool: string): Promise<Pace> {
    return keptIn(this.paces, pool, { ms: paceKeptMs, read: () => this.queue.pace(pool) })
  }
}

type Kept<T> = Map<string, { value: Promise<T>; until: number }>

/** Reads again when what was read is older than `ms`. */
function keptIn<T>(
  kept: Kept<T>,
  key: string,
  { ms, read }: { ms: number; read: () => Promise<T> },
): Promise<T> {
  const now = performance.now()
  const last = kept.get(key)
  if (last && last.until > now) return last.value
  const value = read()
  // Pools are named by callers: the map must not grow with their fancy.
  if (kept.size >= 100) kept.clear()
  kept.set(key, { value, until: now + ms })
  return value
}

function sentence(
  code: Exclusion | 'NEXT',
  { workers, missing }: { workers: readonly string[]; missing: readonly string[] },
): string {
  const who = workers.length > 5 ? `${workers.length} workers` : workers.join(', ')
  if (code === 'NEXT') return 'A worker is free for it'
  const what = code === 'NODE_CLASS_MISSING' && missing.length > 0 ? `: ${missing.join(', ')}` : ''
  return `${exclusions[code]}${what} (${who})`
}
