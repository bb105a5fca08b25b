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
}

const pollMs = 1_000
/** After so many rows at once more are on their way: they go out together instead of one by one. */
const many = 4
const gatherMs = 20
const firstBackoffMs = 50
const maxBackoffMs = 1_000
const statementTimeoutMs = 5_000
const goodbyeMs = 500

const claimLead = `select pg_try_advisory_lock(hashtextextended('outbox:' || $1, 0)) as leads`
const oldest = `
  select id, subject, payload::text as payload, headers, key
  from outbox order by seq limit $1`
const remove = 'delete from outbox where id = any($1::uuid[])'

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
 * the oldest rows, publishes, deletes. No transaction is open while it publishes. A crash in between sends
 * them again under the same ids.
 */
class Relay implements OutboxRelay {
  readonly #options: OutboxRelayOptions
  readonly #log: DatabaseLog
  readonly #bell = new Wakeable()
  readonly #running: Promise<void>
  #failures = 0

  constructor(options: OutboxRelayOptions) {
    this.#options = options
    this.#log = options.log ?? silentLog
    this.#running = this.#run()
  }

  notify(): void {
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
      // A lost delete means only that a message goes out twice, so it need not wait for the disk.
      await client.query('set synchronous_commit = off')
      while (!(await leads(client, database.schema))) {
        await this.#bell.pause(pollMs)
        if (this.#bell.stopped) return
      }
      client.on('notification', () => this.#bell.wake())
      await client.query(`listen "${outboxChannel(database.schema)}"`)
      using _lead = database.signal.lead(() => this.#bell.wake())
      while (!this.#bell.stopped) {
        if (lost) throw lost
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
    const { rows } = await client.query<OutboxMessage>({
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
      await client.query({ name: 'outbox-remove', text: remove, values: [rows.map(({ id }) => id)] })
    }
    if (this.#failures > 0) this.#log.info({ failures: this.#failures }, 'The outbox is published again')
    this.#failures = 0
    if (rows.length === 0) await this.#bell.wait(pollMs)
    else if (rows.length >= many && rows.length < batchSize) await this.#bell.pause(gatherMs)
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#failures++ === 0) this.#log.warn({ err: error }, 'The outbox is not being published')
    this.#options.onError?.(error)
    await this.#bell.pause(Math.min(firstBackoffMs * 2 ** (this.#failures - 1), maxBackoffMs))
  }
}

async function leads(client: pg.Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ leads: boolean }>(claimLead, [schema])
  return rows[0]?.leads ?? false
}
