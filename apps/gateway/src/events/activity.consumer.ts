import { setTimeout as delay } from 'node:timers/promises'
import { consumeBatches, publishLive } from '@easel/bus'
import { Database, sqlState } from '@easel/database'
import { Inject, Injectable } from '@nestjs/common'
import { BUS, LOG } from '../tokens.ts'
import { ActivityRepository } from './activity.repository.ts'
import { happeningOf, shownFacts } from './happening.ts'
import type { Bus, Delivery } from '@easel/bus'
import type { Logger } from '@easel/observability'
import type { Appended } from './activity.repository.ts'

/** How soon another gateway takes over from one that is gone. */
const askMs = 500

/**
 * Facts become rows of the feed, and each new row is told to every gateway. One gateway does it at a time, for
 * two would mix up the order of what happened to a job:
 *
 *   waiting (for the lock) → recording → waiting (its connection is lost) … → disposed
 */
@Injectable()
export class ActivityConsumer implements AsyncDisposable {
  readonly #closing = new AbortController()
  #loop: Promise<void> | undefined

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) private readonly log: Logger,
    private readonly database: Database,
    private readonly activity: ActivityRepository,
  ) {}

  start(): void {
    this.#loop ??= this.#takeTurns(this.#closing.signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#loop
  }

  async #takeTurns(closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      try {
        await this.#recordWhileAlone(closing)
      } catch (cause) {
        if (!closing.aborted) this.log.warn({ err: cause }, 'the feed is not written; it is tried again')
      }
      await delay(askMs, undefined, { signal: closing, ref: false }).catch(() => undefined)
    }
  }

  /** The lock lives as long as its connection. */
  async #recordWhileAlone(closing: AbortSignal): Promise<void> {
    const connection = await this.database.pool.connect()
    try {
      const { rows } = await connection.query<{ mine: boolean }>(
        `select pg_try_advisory_lock(hashtext('easel-activity-writer')) as mine`,
      )
      // A stop in the meantime is told to nobody who begins to listen for it now.
      if (!rows[0]?.mine || closing.aborted) return
      const lost = Promise.withResolvers<void>()
      connection.once('error', () => lost.resolve())
      connection.once('end', () => lost.resolve())
      closing.addEventListener('abort', () => lost.resolve(), { once: true })
      await using _recording = await consumeBatches(this.bus, {
        consumer: 'gateway',
        facts: shownFacts,
        trusted: true,
        handle: (batch) => this.#record(batch),
        maxBatch: 200,
        sole: true,
      })
      await lost.promise
    } finally {
      // Not back into the pool: it may hold the lock.
      connection.release(true)
    }
  }

  async #record(batch: readonly Delivery[]): Promise<void> {
    try {
      for (const appended of await this.activity.append(batch.map(happeningOf))) this.#tell(appended)
    } catch (cause) {
      if (!isOfTheFact(cause)) throw cause
      if (batch.length === 1) {
        return this.log.error({ err: cause, subject: batch[0]?.subject }, 'a fact is left out of the feed')
      }
      // One that cannot be a row must not hold up all others for ever.
      for (const delivery of batch) await this.#record([delivery])
    }
  }

  #tell(appended: Appended): void {
    const { cursor, previous, spaceId, type, subject, time, data } = appended
    publishLive(this.bus, {
      spaceId: spaceId ?? 'everyone',
      channel: 'event',
      key: String(cursor),
      data: { previous: String(previous), type, subject, time },
      // As bytes, so that no gateway has to parse it.
      bytes: Buffer.from(data),
    })
  }
}

/** It is not what we read, or has what no column takes (SQLSTATE 22 and 23). A repeat would end the same. */
function isOfTheFact(cause: unknown): boolean {
  return cause instanceof TypeError || /^2[23]/.test(sqlState(cause) ?? '')
}
