import type { BoundCounter, BoundGauge, Metrics } from '@easel/observability'

/** What control counts, a method for each thing that happens. */
export class ControlMetrics {
  private readonly events: BoundCounter<'event'>
  private readonly bound: BoundCounter<never>
  private readonly lost: BoundCounter<never>
  private readonly waiting: BoundGauge<'pool'>
  private pools = new Set<string>()

  constructor(metrics: Metrics) {
    this.events = metrics.counter('easel_job_events_total', 'Steps in the lives of jobs.', ['event'])
    this.bound = metrics.counter('easel_attempts_bound_total', 'Attempts given to workers.')
    this.lost = metrics.counter('easel_workers_lost_total', 'Workers that were given up.')
    this.waiting = metrics.gauge('easel_jobs_waiting', 'Jobs that wait for a worker.', ['pool'])
  }

  /** `job.succeeded` and its kin, once their transaction is committed. */
  jobsTold(events: readonly string[]): void {
    for (const event of events) this.events.inc({ event })
  }

  attemptsBound(count: number): void {
    if (count > 0) this.bound.inc({}, count)
  }

  workerLost(): void {
    this.lost.inc({})
  }

  /** By pool; what an autoscaler looks at. A pool that is not named waits for nothing. */
  queueSeen(queue: readonly { pool: string; waiting: number }[]): void {
    for (const pool of this.pools) this.waiting.set({ pool }, 0)
    for (const { pool, waiting } of queue) this.waiting.set({ pool }, waiting)
    this.pools = new Set(queue.map(({ pool }) => pool))
  }
}
