import { AppError } from '@easel/protocol'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'
import type pg from 'pg'
import type { MigrationFile } from './migration-files.ts'
import { applyMigrations, openSchemaEngine } from './schema-engine.ts'
import { ScriptAdapter } from './script-adapter.ts'

/** The schema engine at work on a pool of one connection. */
export class MigrationRun implements Disposable {
  readonly #pool: pg.Pool
  readonly #schema: string
  readonly #scripts: ScriptAdapter
  readonly #engine: SchemaEngine

  private constructor(
    pool: pg.Pool,
    schema: string,
    engine: { scripts: ScriptAdapter; engine: SchemaEngine },
  ) {
    this.#pool = pool
    this.#schema = schema
    this.#scripts = engine.scripts
    this.#engine = engine.engine
  }

  static async start(pool: pg.Pool, schema: string): Promise<MigrationRun> {
    const scripts = new ScriptAdapter(pool, schema)
    return new MigrationRun(pool, schema, { scripts, engine: await openSchemaEngine(scripts) })
  }

  /** The last of the list, in one transaction with the row that records it; those before it are there. */
  async apply(migrations: readonly MigrationFile[]): Promise<void> {
    await this.#pool.query('begin')
    try {
      await applyMigrations(this.#engine, migrations)
      await this.#pool.query('commit')
    } catch (error) {
      await this.#pool.query('rollback')
      // What the engine says after a failed statement is mostly that the transaction is aborted.
      const cause = this.#scripts.failure ?? error
      throw new AppError(
        'internal',
        `Migration ${migrations.at(-1)?.name} of "${this.#schema}" failed: ${(cause as Error).message}`,
        { reason: 'MIGRATION_FAILED', cause },
      )
    }
  }

  [Symbol.dispose](): void {
    this.#engine.free()
  }
}
