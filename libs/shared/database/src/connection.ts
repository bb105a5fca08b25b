import type { PoolConfig } from 'pg'

export type ConnectionOptions = {
  /** `postgresql://user:password@host:port/database?sslmode=…` */
  readonly url: string
  /** The service's own Postgres schema: lower-case letters, digits, underscores. */
  readonly schema: string
  readonly applicationName?: string
  /** 0 is no limit. */
  readonly statementTimeoutMs?: number
}

const schemaName = /^[a-z_][a-z0-9_]{0,62}$/

/** How long a client waits beyond the statement timeout before it takes the line for dead. */
const silenceMs = 5_000
const connectTimeoutMs = 5_000
/** A paused process must not hold row locks for ever. */
const idleInTransactionMs = 60_000

/**
 * `search_path` and limits travel as start-up options, so they hold for every connection without a round
 * trip. What the URL itself says in `options` stays in force. `public` follows for extensions' functions.
 */
export function connectionConfig(options: ConnectionOptions): PoolConfig {
  const { schema, applicationName = `easel-${schema}`, statementTimeoutMs = 30_000 } = options
  if (!schemaName.test(schema)) throw new RangeError(`Not a schema name: ${schema}`)
  const url = new URL(options.url)
  const settings = [
    url.searchParams.get('options') ?? '',
    `-c search_path=${schema},public`,
    `-c statement_timeout=${statementTimeoutMs}`,
    `-c idle_in_transaction_session_timeout=${idleInTransactionMs}`,
  ]
  // `schema` is Prisma's own parameter; the server would refuse it.
  url.searchParams.delete('schema')
  url.searchParams.set('options', settings.join(' ').trim())
  return {
    connectionString: url.href,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs > 0 ? statementTimeoutMs + silenceMs : undefined,
    keepAlive: true,
  }
}
