import { setTimeout as delay } from 'node:timers/promises'
import { AppError, stringifyJson } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'

/** What a request is answered with, before it is sent. */
export type Outcome = {
  readonly status: number
  readonly body?: unknown
  /** The body as it was written the first time. */
  readonly text?: string
  /** The handler has answered by itself. */
  readonly answered?: boolean
}

export type Once = { readonly userId: string; readonly key: string; readonly fingerprint: string }

type Row = { fingerprint: string; status: number | null; answer: string | null }

/** How long a repeat waits for the first request to end. */
const waitMs = 10_000
const pauseMs = 50

/** A gateway that died in the middle of a request must not block its key for the day. */
const abandoned = '1 minute'

const claim = `
  insert into idempotency (user_id, key, fingerprint) values ($1, $2, $3)
  on conflict (user_id, key) do update set fingerprint = excluded.fingerprint, started_at = now(),
    status = null, answer = null
  where idempotency.started_at < now() - interval '24 hours'
     or (idempotency.status is null and idempotency.started_at < now() - interval '${abandoned}')`

/** First answers, kept for a day: a repeat of a request that created something gives its answer again. */
@Injectable()
export class Idempotency {
  constructor(private readonly store: GatewayStore) {}

  /** Does the work, unless its answer is known. What failed may be tried again under the same key. */
  async run(once: Once, work: () => Promise<Outcome>): Promise<Outcome> {
    const first = await this.#claimOrFind(once)
    if (first) return { status: first.status ?? 200, ...(first.answer !== null && { text: first.answer }) }
    try {
      const outcome = await work()
      await this.#keep(once, outcome)
      return outcome
    } catch (cause) {
      await this.#release(once)
      throw cause
    }
  }

  /** Removes what is older than a day. */
  async sweep(): Promise<void> {
    await this.store.sql.query(`delete from idempotency where started_at < now() - interval '25 hours'`)
  }

  async #claimOrFind({ userId, key, fingerprint }: Once): Promise<Row | undefined> {
    const deadline = performance.now() + waitMs
    for (;;) {
      const { rowCount } = await this.store.sql.query(claim, [userId, key, fingerprint], { name: 'once' })
      if (rowCount === 1) return undefined
      const { rows } = await this.store.sql.query<Row>(
        'select fingerprint, status, answer from idempotency where user_id = $1 and key = $2',
        [userId, key],
      )
      const [row] = rows
      if (row && row.fingerprint !== fingerprint) throw reused()
      if (row && row.status !== null) return row
      if (performance.now() >= deadline) throw inProgress()
      await delay(pauseMs)
    }
  }

  async #keep({ userId, key }: Once, { status, body }: Outcome): Promise<void> {
    await this.store.sql.query(
      'update idempotency set status = $3, answer = $4 where user_id = $1 and key = $2',
      [userId, key, status, body === undefined ? null : stringifyJson(body)],
    )
  }

  async #release({ userId, key }: Once): Promise<void> {
    await this.store.sql.query('delete from idempotency where user_id = $1 and key = $2 and status is null', [
      userId,
      key,
    ])
  }
}

function reused(): AppError {
  return new AppError('invalid', 'This Idempotency-Key was used with another request', {
    reason: 'IDEMPOTENCY_KEY_REUSE',
  })
}

function inProgress(): AppError {
  return new AppError('conflict', 'The first request with this Idempotency-Key is still at work', {
    reason: 'IDEMPOTENCY_IN_PROGRESS',
    retryAfterMs: 1_000,
  })
}
