import type { BoundCounter, BoundGauge, Metrics } from '@easel/observability'
import type { EndedAttempt } from './jobs/job-machine.ts'
import { outOfMemory } from './jobs/job-machine.ts'

/** What waits, by pool and main model; no model: an empty text. */
export type Depth = { pool: string; model: string; waiting: number; oldestSeconds: number }

/** So many models have numbers of their own, the others are `other`: names are made by callers. */
const maxModels = 25

/** What control counts by pool and model. */
export class ModelMetrics {
  private readonly ended: BoundCounter<'pool' | 'model' | 'result'>
  private readonly memory: BoundCounter<'pool' | 'model'>
  private readonly waiting: BoundGauge<'pool' | 'model'>
  private readonly oldest: BoundGauge<'pool' | 'model'>
  private readonly known = new Set<string>()
  private shown: { pool: string; model: string }[] = []

  constructor(metrics: Metrics) {
    const labels = ['pool', 'model'] as const
    this.ended = metrics.counter('easel_attempts_ended_total', 'Attempts that have ended, as they ended.', [
      ...labels,
      'result',
    ])
    this.memory = metrics.counter(
      'easel_attempts_out_of_memory_total',
      'Attempts that ran out of GPU memory.',
      labels,
    )
    this.waiting = metrics.gauge(
      'easel_model_jobs_waiting',
      'Jobs that wait for a worker, by their main model.',
      labels,
    )
    this.oldest = metrics.gauge(
      'easel_model_oldest_waiting_seconds',
      'How long the oldest of these has waited.',
      labels,
    )
  }

  attemptsEnded(attempts: readonly EndedAttempt[]): void {
    for (const { attempt, job } of attempts) {
      const labels = { pool: job.pool, model: this.labelOf(job.models[0] ?? '') }
      this.ended.inc({ ...labels, result: attempt.state })
      if (attempt.error?.code === outOfMemory) this.memory.inc(labels)
    }
  }

  /** Takes the place of what was told before; the longest queues first. */
  queueSeen(depths: readonly Depth[]): void {
    for (const labels of this.shown) {
      this.waiting.set(labels, 0)
      this.oldest.set(labels, 0)
    }
    const told = new Map<string, Depth>()
    for (const { pool, model, waiting, oldestSeconds } of depths) {
      const label = this.labelOf(model)
      const before = told.get(`${pool} ${label}`)
      told.set(`${pool} ${label}`, {
        pool,
        model: label,
        waiting: waiting + (before?.waiting ?? 0),
        oldestSeconds: Math.max(oldestSeconds, before?.oldestSeconds ?? 0),
      })
    }
    this.shown = [...told.values()].map(({ pool, model }) => ({ pool, model }))
    for (const { pool, model, waiting, oldestSeconds } of told.values()) {
      this.waiting.set({ pool, model }, waiting)
      this.oldest.set({ pool, model }, oldestSeconds)
    }
  }

  private labelOf(model: string): string {
    if (model === '') return 'none'
    if (!this.known.has(model) && this.known.size >= maxModels) return 'other'
    this.known.add(model)
    return model
  }
}
