import { AppError } from '@easel/protocol'
import type pg from 'pg'
import { connectionConfig } from './connection.ts'
import { fromDatabaseError, sqlState } from './database-error.ts'
import { readMigrations, type MigrationFile } from './migration-files.ts'
import { PinnedPool } from './pinned-pool.ts'

export type MigrateOptions = {
  readonly url: string
  readonly schema: string
  /** Holds one folder per migration, each with a `migration.sql`: `prisma/migrations`. */
  readonly directory: string
}

export type MigrateResult = {
  /** Names of the migrations that this call applied; empty when there was nothing to do. */
  readonly applied: readonly string[]
}

/** The key that Prisma's own tool locks, so that neither runs beside the other. */
const lockKey = 72707369

/**
 * Brings a schema to the newest migration, making the schema first when it is absent. Safe to call from any
 * number of starting processes. Each migration is one transaction together with its row in
 * `_prisma_migrations`: after a failure or a crash nothing is half done and the next start tries again.
 *
 * Rows of migrations that the directory lacks are left alone: an older release may run on a newer schema.
 *
 * @throws AppError `internal` with MIGRATION_EDITED or MIGRATION_FAILED; `unavailable` without a database
 */
export async function migrate({ url, schema, directory }: MigrateOptions): Promise<MigrateResult> {
  const migrations = await readMigrations(directory)
  // One connection: the session lock, the transaction and the engine's statements share it.
  const config = connectionConfig({
    url,
    schema,
    statementTimeoutMs: 0,
    applicationName: `easel-${schema}-migrate`,
  })
  const pool = new PinnedPool(config)
  try {
    if ((await missing(pool, schema, migrations)).length === 0) return { applied: [] }
    await pool.query('select pg_advisory_lock($1)', [lockKey])
    const todo = await missing(pool, schema, migrations)
    if (todo.length > 0) await apply(pool, schema, { migrations, todo })
    return { applied: todo.map(({ name }) => name) }
  } catch (cause) {
    throw fromDatabaseError(cause)
  } finally {
    await pool.end()
  }
}

type Work = { migrations: readonly MigrationFile[]; todo: readonly MigrationFile[] }

async function apply(pool: pg.Pool, schema: string, { migrations, todo }: Work): Promise<void> {
  await createSchema(pool, schema)
  // Not needed, and so not loaded, at most starts.
  const { MigrationRun } = await import('./migration-run.ts')
  using run = await MigrationRun.start(pool, schema)
  for (const migration of todo) {
    await run.apply(migrations.slice(0, migrations.indexOf(migration) + 1))
  }
}

type Row = { name: string; checksum: string; finished: boolean; logs: string | null }

/** Those not applied yet, in order. Throws when what was applied is not what the directory says. */
async function missing(
  pool: pg.Pool,
  schema: string,
  migrations: readonly MigrationFile[],
): Promise<readonly MigrationFile[]> {
  const rows = new Map((await readRows(pool, schema)).map((row) => [row.name, row]))
  for (const { name, checksum } of migrations) {
    const row = rows.get(name)
    if (row && !row.finished) {
      throw new AppError(
        'internal',
        `Migration ${name} of "${schema}" was begun by another tool and did not end: ${row.logs ?? 'no log'}. ` +
          'Repair the schema, then settle it with `prisma migrate resolve`.',
        { reason: 'MIGRATION_FAILED' },
      )
    }
    if (row && row.checksum !== checksum) {
      throw new AppError(
        'internal',
        `Migration ${name} of "${schema}" was changed after it had been applied. ` +
          'Restore its file and put the change into a new migration.',
        { reason: 'MIGRATION_EDITED' },
      )
    }
  }
  return migrations.filter(({ name }) => !rows.has(name))
}

async function readRows(pool: pg.Pool, schema: string): Promise<readonly Row[]> {
  try {
    const { rows } = await pool.query<Row>(
      `select migration_name as name, checksum, finished_at is not null as finished, logs
       from "${schema}"._prisma_migrations where rolled_back_at is null`,
    )
    return rows
  } catch (error) {
    // No such schema or no such table.
    if (sqlState(error) === '3F000' || sqlState(error) === '42P01') return []
    throw error
  }
}

async function createSchema(pool: pg.Pool, schema: string): Promise<void> {
  const { rows } = await pool.query('select 1 from pg_namespace where nspname = $1', [schema])
  if (rows.length > 0) return
  try {
    await pool.query(`create schema "${schema}"`)
  } catch (cause) {
    if (sqlState(cause) !== '42501') throw cause
    throw new AppError(
      'internal',
      `The schema "${schema}" is absent and this role may not create it: create it, owned by the role.`,
      { reason: 'MIGRATION_FAILED', cause },
    )
  }
}
