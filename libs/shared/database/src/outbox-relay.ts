import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { connectionConfig } from './connection.ts'
import type { Database } from './database.ts'
import { silentLog, type DatabaseLog } from './database-log.ts'
import { outboxChannel } from './outbox-signal.ts'
import type { OutboxMessage } from './outbox.ts'
import { Wakeable } from './wakeable.ts'

export type OutboxRelayOptions = {
  readonly database: Database
  /**
   * Resolves when every message is stored by the bus; a rejection leaves all of them for the next try. It
   * needs a deadline of its own.
   */
  readonly publish: (messages: readonly OutboxMessage[]) => Promise<void>
  /** At most so many messages in one `publish`. 200 by default. */
  readonly batchSize?: number
  readonly log?: DatabaseLog
  /** Every failure, of the database or of `publish`; the log tells only when a row of them starts and ends. */
  readonly onError?: (error: unknown) => void
}

export type OutboxRelay = AsyncDisposable & {
  /** Look now instead of at the next poll. */
  notify(): void
  /**
   * The bus may have lost what it had stored: what was published in the last minutes goes out again, under the
   * same ids and in the same order. Does nothing while another relay leads.
   */
  repeat(): void
}

const pollMs = 1_000
/** After so many rows at once more are on their way: they go out together instead of one by one. */
const many = 4
const gatherMs = 20
const firstBackoffMs = 50
const maxBackoffMs = 1_000
const statementTimeoutMs = 5_000
const goodbyeMs = 500
/**
 * How long what was published stays in the table. A NATS server writes its streams to the disk every two minutes
 * unless it is told to do it always, so a power cut takes what it acknowledged since.
 */
const keptMs = 180_000
const unmarkedAtOnce = 1_000
const sweepMs = 15_000

const claimLead = `select pg_try_advisory_lock(hashtextextended('outbox:' || $1, 0)) as leads`
const oldest = `
  select seq, id, subject, payload::text as payload, headers, key
  from outbox where published_at is null order by seq limit $1`
const mark = 'update outbox set published_at = now() where seq = any($1::bigint[])'
/** The newest below a number. Those of minutes at full speed are more than the time of one statement. */
const unmark = `
  with lately as (
    select seq from outbox
    where published_at > now() - make_interval(secs => $1 / 1000.0) and ($2::bigint is null or seq < $2)
    order by seq desc limit $3
  ), unmarked as (
    update outbox set published_at = null where seq in (select seq from lately) returning seq
  )
  select min(seq) as seq from unmarked`
const remove = `
  delete from outbox
  where seq <= $2 and published_at <= now() - make_interval(secs => $1 / 1000.0)`
const newest = 'select max(seq) as seq from outbox'

/** Starts publishing what commits write to the outbox. Dispose of it before the bus and the database. */
export function startOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  return new Relay(options)
}

/**
 * connecting → standby → leading → connecting … → stopped.
 *
 * It has a connection of its own. A session lock on it makes one relay per schema the leader, and a dead
 * leader's lock goes with its connection; the others ask again every second. (They do not wait in
 * `pg_advisory_lock`: a waiting statement holds back vacuum, and the outbox is all churn.) The leader reads
 * the oldest unpublished rows, publishes and marks them; minutes later it deletes them. No transaction is open
 * while it publishes. A crash in between sends them again under the same ids.
 */
class Relay implements OutboxRelay {
  readonly #options: OutboxRelayOptions
  readonly #log: DatabaseLog
  readonly #bell = new Wakeable()
  readonly #running: Promise<void>
  #failures = 0
  #repeatDue = false

  constructor(options: OutboxRelayOptions) {
    this.#options = options
    this.#log = options.log ?? silentLog
    this.#running = this.#run()
  }

  notify(): void {
    this.#bell.wake()
  }

  repeat(): void {
    this.#repeatDue = true
    this.#bell.wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bell.stop()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#bell.stopped) {
      try {
        await this.#connected()
      } catch (error) {
        await this.#failed(error)
      }
    }
  }

  async #connected(): Promise<void> {
    const { database } = this.#options
    const client = new pg.Client(
      connectionConfig({
        ...database.connection,
        applicationName: `easel-${database.schema}-outbox`,
        statementTimeoutMs,
      }),
    )
    let lost: Error | undefined
    client.on('error', (error) => {
      lost = error
      this.#bell.wake()
    })
    try {
      await client.connect()
      // A lost mark means only that a message goes out twice, so it need not wait for the disk.
      await client.query('set synchronous_commit = off')
      while (!(await leads(client, database.schema))) {
        await this.#bell.pause(pollMs)
        if (this.#bell.stopped) return
        // Whoever leads does it.
        this.#repeatDue = false
      }
      client.on('notification', () => this.#bell.wake())
      await client.query(`listen "${outboxChannel(database.schema)}"`)
      using _lead = database.signal.lead(() => this.#bell.wake())
      const sweep = new Sweep(client)
      while (!this.#bell.stopped) {
        if (lost) throw lost
        await sweep.whenDue()
        await this.#relay(client)
      }
    } finally {
      // On a dead line nothing answers the goodbye.
      await Promise.race([client.end().catch(() => undefined), delay(goodbyeMs, undefined, { ref: false })])
    }
  }

  /** One batch, or a wait for something to do. */
  async #relay(client: pg.Client): Promise<void> {
    const { publish, batchSize = 200 } = this.#options
    this.#bell.rest()
    if (this.#repeatDue) await this.#unmark(client)
    this.#repeatDue = false
    const { rows } = await client.query<OutboxMessage & { seq: string }>({
      name: 'outbox-oldest',
      text: oldest,
      values: [batchSize],
    })
    if (rows.length > 0) {
      try {
        await publish(rows)
      } catch (error) {
        return await this.#failed(error)
      }
      await client.query({ name: 'outbox-mark', text: mark, values: [rows.map(({ seq }) => seq)] })
    }
    if (this.#failures > 0) this.#log.info({ failures: this.#failures }, 'The outbox is published again')
    this.#failures = 0
    if (rows.length === 0) await this.#bell.wait(pollMs)
    else if (rows.length >= many && rows.length < batchSize) await this.#bell.pause(gatherMs)
  }

  /** Nothing is published before it is through, so the order stays. */
  async #unmark(client: pg.Client): Promise<void> {
    let below: string | null = null
    do {
      const values: unknown[] = [keptMs, below, unmarkedAtOnce]
      below = (await client.query<{ seq: string | null }>(unmark, values)).rows[0]?.seq ?? null
    } while (below !== null && !this.#bell.stopped)
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#failures++ === 0) this.#log.warn({ err: error }, 'The outbox is not being published')
    this.#options.onError?.(error)
    await this.#bell.pause(Math.min(firstBackoffMs * 2 ** (this.#failures - 1), maxBackoffMs))
  }
}

/**
 * Deletes what is no longer needed. What is old enough has small numbers: up to which ones is noted every time,
 * so that the delete reads only what it takes.
 */
class Sweep {
  readonly #client: pg.Client
  readonly #notes: { at: number; seq: string }[] = []
  #dueAt = 0

  constructor(client: pg.Client) {
    this.#client = client
  }

  async whenDue(): Promise<void> {
    const now = performance.now()
    if (now < this.#dueAt) return
    const isFirst = this.#dueAt === 0
    this.#dueAt = now + sweepMs
    const { rows } = await this.#client.query<{ seq: string | null }>(newest)
    const seq = rows[0]?.seq
    if (!seq) return
    this.#notes.push({ at: now, seq })
    const old = this.#notes.findLastIndex(({ at }) => now - at > keptMs)
    if (old < 0 && !isFirst) return
    // The first time there is no note: everything is looked at once.
    await this.#client.query(remove, [keptMs, isFirst ? seq : this.#notes[old]!.seq])
    this.#notes.splice(0, old + 1)
  }
}

async function leads(client: pg.Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ leads: boolean }>(claimLead, [schema])
  return rows[0]?.leads ?? false
}
