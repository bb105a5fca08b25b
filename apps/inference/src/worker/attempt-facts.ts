import { publishFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { attemptEnded, attemptStarted } from '@easel/contracts'
import type { AttemptEnded, RunAttempt } from '@easel/contracts'
import { setTimeout as delay } from 'node:timers/promises'

export type AttemptId = { jobId: string; attempt: number }

export const keyOf = ({ jobId, attempt }: AttemptId): string => `${jobId}:${attempt}`

const firstWaitMs = 100
const lastWaitMs = 2_000
/** As an outbox keeps them: longer than a NATS server takes to sync its files. */
const keptMs = 180_000
const keptMost = 500

/** What a worker tells the ledger. */
export class AttemptFacts {
  readonly #bus: Bus
  readonly worker: string
  readonly #stopping = new AbortController()
  readonly #told: { id: string; payload: AttemptEnded; at: number }[] = []

  constructor(bus: Bus, worker: string) {
    this.#bus = bus
    this.worker = worker
  }

  /** Nobody waits for it: the end tells all that counts. */
  started({ jobId, attempt }: RunAttempt): void {
    const id = `${keyOf({ jobId, attempt })}:start`
    const payload = { jobId, attempt, worker: this.worker, startedAt: new Date().toISOString() }
    publishFact(this.#bus, attemptStarted, { id, payload }).catch((cause: unknown) =>
      this.#bus.log.warn({ err: cause, job: jobId }, 'the start of an attempt was not published'),
    )
  }

  /** Durable when it resolves to true; false when the worker is torn down before the bus answers. */
  async ended(end: Omit<AttemptEnded, 'worker' | 'endedAt'>): Promise<boolean> {
    const id = `${keyOf(end)}:end`
    const from = { worker: this.worker, endedAt: new Date().toISOString() }
    let payload: AttemptEnded = { ...end, ...from }
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, lastWaitMs)) {
      try {
        await publishFact(this.#bus, attemptEnded, { id, payload })
        this.#keep({ id, payload, at: performance.now() })
        return true
      } catch (cause) {
        if (this.#stopping.signal.aborted) return false
        // It would be refused for ever, and the attempt never end.
        if (isTooLarge(cause)) payload = { ...withoutResult(end), ...from }
        this.#bus.log.warn({ err: cause, job: end.jobId }, 'the end of an attempt is published again')
        await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
        if (this.#stopping.signal.aborted) return false
      }
    }
  }

  /** The stream may have lost the ends of the last minutes; without them their jobs would run again. */
  repeat(): void {
    for (const { id, payload } of this.#told) {
      publishFact(this.#bus, attemptEnded, { id, payload }).catch((cause: unknown) =>
        this.#bus.log.warn({ err: cause, job: payload.jobId }, 'the end of an attempt was not told again'),
      )
    }
  }

  #keep(told: { id: string; payload: AttemptEnded; at: number }): void {
    this.#told.push(told)
    while (this.#told.length > keptMost || told.at - this.#told[0]!.at > keptMs) this.#told.shift()
  }

  /** Publishes that fail from now on are not repeated: the work comes again to the next process. */
  abandon(): void {
    this.#stopping.abort()
  }
}

const isTooLarge = (cause: unknown): boolean => cause instanceof Error && /max_payload/.test(cause.message)

function withoutResult({ jobId, attempt, timings, usage }: Omit<AttemptEnded, 'worker' | 'endedAt'>) {
  const message = 'What it made and what went wrong with it is more than can be told'
  const error = { code: 'RESULT_TOO_LARGE', message }
  const nothing = { outputs: [], warnings: [], retryable: false }
  return { jobId, attempt, timings, usage, result: 'failed' as const, error, ...nothing }
}
