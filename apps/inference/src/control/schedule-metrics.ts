import type { BoundCounter, BoundHistogram, Metrics } from '@easel/observability'

export type AttemptBound = { pool: string; waitedSeconds: number; warm: boolean; switches: boolean }

/** What the scheduler did, and how well. */
export class ScheduleMetrics {
  private readonly bound: BoundCounter<'pool' | 'warm'>
  private readonly switches: BoundCounter<'pool'>
  private readonly waited: BoundHistogram<'pool'>
  private readonly cycle: BoundHistogram<never>

  constructor(metrics: Metrics) {
    this.bound = metrics.counter(
      'easel_attempts_bound_total',
      'Attempts given to workers; warm: their models were there.',
      ['pool', 'warm'],
    )
    this.switches = metrics.counter(
      'easel_model_switches_total',
      'Attempts for which a worker gives up the models that it holds.',
      ['pool'],
    )
    this.waited = metrics.histogram('easel_bind_wait_seconds', 'From the submit of a job to its binding.', {
      labels: ['pool'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600, 3_600],
    })
    this.cycle = metrics.histogram('easel_schedule_cycle_seconds', 'One look at queue and workers.', {
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    })
  }

  attemptBound({ pool, waitedSeconds, warm, switches }: AttemptBound): void {
    this.bound.inc({ pool, warm: String(warm) })
    if (switches) this.switches.inc({ pool })
    this.waited.observe({ pool }, waitedSeconds)
  }

  cycleDone(seconds: number): void {
    this.cycle.observe({}, seconds)
  }
}
