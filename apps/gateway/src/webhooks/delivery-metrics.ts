import { Inject, Injectable } from '@nestjs/common'
import { METRICS } from '../tokens.ts'
import type { BoundCounter, BoundGauge, BoundHistogram, Metrics } from '@easel/observability'

/** The only place that counts what happens to deliveries. */
@Injectable()
export class DeliveryMetrics {
  readonly #ended: BoundCounter<'result'>
  readonly #attempts: BoundCounter<'outcome'>
  readonly #seconds: BoundHistogram<'outcome'>
  readonly #oldest: BoundGauge<never>
  readonly #underWay: BoundGauge<never>

  constructor(@Inject(METRICS) metrics: Metrics) {
    this.#ended = metrics.counter('easel_webhook_deliveries_total', 'Deliveries that ended.', ['result'])
    this.#attempts = metrics.counter('easel_webhook_attempts_total', 'Attempts, by what came of them.', [
      'outcome',
    ])
    this.#seconds = metrics.histogram('easel_webhook_attempt_seconds', 'How long attempts took.', {
      labels: ['outcome'],
    })
    this.#oldest = metrics.gauge(
      'easel_webhook_oldest_due_seconds',
      'For how long the oldest due delivery has been due.',
    )
    this.#underWay = metrics.gauge('easel_webhook_attempts_under_way', 'Attempts that are under way.')
  }

  attempted(error: string | null, durationMs: number): void {
    const outcome = error ?? 'OK'
    this.#attempts.inc({ outcome })
    this.#seconds.observe({ outcome }, durationMs / 1_000)
  }

  ended(result: 'delivered' | 'failed'): void {
    this.#ended.inc({ result })
  }

  state({ oldestDueMs, underWay }: { oldestDueMs: number; underWay: number }): void {
    this.#oldest.set({}, oldestDueMs / 1_000)
    this.#underWay.set({}, underWay)
  }
}
