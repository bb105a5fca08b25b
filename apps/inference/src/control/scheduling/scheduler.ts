import type { DatabaseLog } from '@easel/database'
import type { ControlMetrics } from '../metrics.ts'
import { assign, freeByPool } from './assign.ts'
import { Bell } from './bell.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { QueueMark, SchedulingRepository } from './scheduling.repository.ts'
import type { Candidate, KnownClasses, Place } from './snapshot.ts'

export type SchedulerOptions = {
  repository: SchedulingRepository
  dispatcher: Dispatcher
  definitions: KnownClasses & { want(places: readonly Place[]): void }
  metrics: ControlMetrics
  log: DatabaseLog
}

const pollMs = 1_000
const errorPauseMs = 500
const minPage = 20
const maxPage = 200
/** Jobs of a pool looked at in one go: those at the head may all wait for a node class that nobody has. */
const maxPages = 10

/** Binds waiting jobs to free workers: filter, score, bind. Runs on the replica that leads. */
export class Scheduler {
  private readonly options: SchedulerOptions
  private readonly bell = new Bell()
  private firstPage = minPage

  constructor(options: SchedulerOptions) {
    this.options = options
  }

  /** There may be something to bind: look now instead of at the next poll. */
  wake(): void {
    this.bell.ring()
  }

  async run(signal: AbortSignal): Promise<void> {
    let failing = false
    while (!signal.aborted) {
      try {
        await this.cycle()
        failing = false
        await this.bell.wait(pollMs, signal)
      } catch (cause) {
        if (!failing) this.options.log.warn({ err: cause }, 'scheduling failed and goes on')
        failing = true
        await new Bell().wait(errorPauseMs, signal)
      }
    }
  }

  private async cycle(): Promise<void> {
    const { repository, definitions } = this.options
    // Mostly those at the head fit: not many more are read than there were places for.
    let page = this.firstPage
    let [places, jobs] = await Promise.all([repository.listPlaces(), repository.listHeads(page)])
    definitions.want(places)
    this.firstPage = Math.min(maxPage, minPage + Math.max(0, ...freeByPool(places).values()))
    for (let pages = 1; jobs.length > 0; pages++) {
      const next = assign(jobs, places, definitions)
      places = next.places
      if (next.assignments.length > 0) {
        this.options.dispatcher.send(await repository.bind(next.assignments))
      }
      const marks = nextMarks(jobs, freeByPool(places), page)
      if (marks.length === 0 || pages === maxPages) return
      page = maxPage
      jobs = await repository.listCandidates(marks, page)
    }
  }
}

/** Pools that have slots left and a queue that goes on beyond what was read. */
function nextMarks(jobs: readonly Candidate[], free: ReadonlyMap<string, number>, page: number): QueueMark[] {
  return [...free.keys()].flatMap((pool) => {
    const read = jobs.filter((job) => job.pool === pool)
    const last = read.at(-1)
    return last && read.length === page ? [{ pool, priority: last.priority, seq: last.seq }] : []
  })
}
