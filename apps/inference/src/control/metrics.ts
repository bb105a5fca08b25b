import type { BoundCounter, BoundGauge, Metrics } from '@easel/observability'
import type { EndedAttempt } from './jobs/job-machine.ts'
import { ModelMetrics } from './model-metrics.ts'
import { ScheduleMetrics } from './schedule-metrics.ts'
import type { Depth } from './model-metrics.ts'

/** What control counts, a method for each thing that happens. */
export class ControlMetrics {
  private readonly events: BoundCounter<'event'>
  private readonly lost: BoundCounter<never>
  private readonly refused: BoundCounter<'reason'>
  private readonly charged: BoundCounter<never>
  private readonly waiting: BoundGauge<'pool'>
  private readonly models: ModelMetrics
  readonly schedule: ScheduleMetrics
  private pools = new Set<string>()

  constructor(metrics: Metrics) {
    this.models = new ModelMetrics(metrics)
    this.events = metrics.counter('easel_job_events_total', 'Steps in the lives of jobs.', ['event'])
    this.schedule = new ScheduleMetrics(metrics)
    this.refused = metrics.counter('easel_submits_refused_total', 'Submits that a limit or policy refused.', [
      'reason',
    ])
    this.charged = metrics.counter('easel_gpu_seconds_charged_total', 'GPU-seconds charged to budgets.')
    this.lost = metrics.counter('easel_workers_lost_total', 'Workers that were given up.')
    this.waiting = metrics.gauge('easel_jobs_waiting', 'Jobs that wait for a worker.', ['pool'])
  }

  /** `job.succeeded` and its kin, once their transaction is committed. */
  jobsTold(events: readonly string[]): void {
    for (const event of events) this.events.inc({ event })
  }

  attemptsEnded(attempts: readonly EndedAttempt[]): void {
    this.models.attemptsEnded(attempts)
  }

  depthsSeen(depths: readonly Depth[]): void {
    this.models.queueSeen(depths)
  }

  /** `QUOTA_EXCEEDED`, `BUDGET_EXCEEDED`, `NOT_ALLOWED`. */
  submitRefused(reason: string): void {
    this.refused.inc({ reason })
  }

  jobsCharged(charges: readonly { gpuSeconds: number }[]): void {
    const seconds = charges.reduce((sum, { gpuSeconds }) => sum + gpuSeconds, 0)
    if (seconds > 0) this.charged.inc({}, seconds)
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
