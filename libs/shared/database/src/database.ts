import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '@easel/protocol'
import { PrismaPg } from '@prisma/adapter-pg'
import pg, { type PoolClient, type QueryResult, type QueryResultRow } from 'pg'
import { connectionConfig, type ConnectionOptions } from './connection.ts'
import { fromDatabaseError, isConnectionLoss, isTransactionConflict } from './database-error.ts'
import { silentLog, type DatabaseLog } from './database-log.ts'
import { OutboxSignal, outboxChannel } from './outbox-signal.ts'
import type { HeaderSource } from './outbox.ts'
import { SqlTransaction, type IsolationLevel, type QueryOptions } from './transaction.ts'

export type DatabaseOptions = ConnectionOptions & {
  /** 10 by default. Prisma and `query` share the pool. */
  readonly poolSize?: number
  /** Headers of every message written to the outbox: the trace context. */
  readonly headers?: HeaderSource
  readonly log?: DatabaseLog
}

export type TransactOptions = {
  /** What the server is set to by default: read committed. */
  readonly isolation?: IsolationLevel
  /** How often the work may be repeated after a serialization failure or deadlock. 3 by default. */
  readonly retries?: number
}

const idleMs = 30_000
const checkMs = 2_000

/** Opens no connection yet: the first query does. */
export function openDatabase(options: DatabaseOptions): Database {
  return new Database(options)
}

/**
 * One service's schema: a pool whose connections all have the `search_path`, the limits and an error handler.
 * Errors of a lost connection are `unavailable` / DATABASE_UNAVAILABLE; all others come as `pg` gave them.
 */
export class Database implements AsyncDisposable {
  readonly schema: string
  readonly pool: pg.Pool
  /** For `new PrismaClient({ adapter })`, over the same pool. */
  readonly adapter: PrismaPg
  readonly headers: HeaderSource
  /** @internal */
  readonly signal: OutboxSignal
  /** @internal */
  readonly connection: ConnectionOptions

  /** @internal */
  constructor(options: DatabaseOptions) {
    const { poolSize = 10, headers = () => ({}), log = silentLog } = options
    this.schema = options.schema
    this.headers = headers
    this.connection = options
    this.pool = new pg.Pool({ ...connectionConfig(options), max: poolSize, idleTimeoutMillis: idleMs })
    // Without a listener an 'error' ends the process. The pool listens only to clients that are idle, so
    // every client gets its own: whoever holds it learns of the loss from the query that fails.
    const lost = (error: Error) =>
      log.warn({ err: error, schema: this.schema }, 'A database connection was lost')
    this.pool.on('error', () => undefined)
    this.pool.on('connect', (client) => client.on('error', lost))
    this.adapter = new PrismaPg(this.pool, { schema: this.schema })
    this.signal = new OutboxSignal(() =>
      this.pool.query('select pg_notify($1, $2)', [outboxChannel(this.schema), '']),
    )
  }

  /** Prepared when `name` is given. */
  async query<R extends QueryResultRow = QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
    { name }: QueryOptions = {},
  ): Promise<QueryResult<R>> {
    try {
      return await this.pool.query<R>({ text: sql, values: [...values], name })
    } catch (cause) {
      throw fromDatabaseError(cause)
    }
  }

  /**
   * Commits when `work` resolves, rolls back when it rejects. After a serialization failure or a deadlock
   * `work` runs again from the start, so it must have no effect outside the transaction.
   */
  async transact<T>(work: (tx: SqlTransaction) => Promise<T>, options: TransactOptions = {}): Promise<T> {
    const { isolation, retries = 3 } = options
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(work, isolation)
      } catch (cause) {
        if (!isTransactionConflict(cause)) throw fromDatabaseError(cause)
        if (attempt >= retries) {
          throw new AppError('unavailable', 'Too many changes at once', {
            reason: 'DATABASE_CONFLICT',
            cause,
          })
        }
        await delay(Math.random() * 10 * 2 ** attempt)
      }
    }
  }

  /**
   * For the one statement that writes a row together with its outbox row, where a transaction of four round
   * trips is too dear: wakes the relay, as `transact` does by itself.
   */
  outboxWritten(): void {
    this.signal.committed()
  }

  /** Resolves when the database answers; rejects with DATABASE_UNAVAILABLE within seconds when it does not. */
  async check(): Promise<void> {
    const late = new AbortController()
    const deadline = delay(checkMs, undefined, { signal: late.signal, ref: false }).then(
      () => {
        throw new AppError('unavailable', 'The database does not answer', { reason: 'DATABASE_UNAVAILABLE' })
      },
      () => undefined,
    )
    try {
      await Promise.race([this.query('select 1'), deadline])
    } finally {
      late.abort()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.pool.ended && !this.pool.ending) await this.pool.end()
  }

  async #attempt<T>(work: (tx: SqlTransaction) => Promise<T>, isolation?: IsolationLevel): Promise<T> {
    const client = await this.pool.connect()
    const tx = new SqlTransaction(client, this.headers)
    let broken = false
    try {
      await client.query(isolation ? `begin isolation level ${isolation}` : 'begin')
      const result = await work(tx)
      const { command } = await client.query('commit')
      // After a statement failed, and `work` went on, the server turns the commit into a rollback.
      if (command !== 'COMMIT') throw new AppError('internal', 'A failed transaction was committed')
      if (tx.wroteOutbox) this.signal.committed()
      return result
    } catch (cause) {
      broken = isConnectionLoss(cause) || !(await rollback(client))
      throw cause
    } finally {
      client.release(broken)
    }
  }
}

/** False says that the connection is not fit for another use. */
async function rollback(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback')
    return true
  } catch {
    return false
  }
}
