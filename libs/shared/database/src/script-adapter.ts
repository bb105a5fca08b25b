import { PrismaPg } from '@prisma/adapter-pg'
import {
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import type pg from 'pg'

/**
 * Prisma's adapter, but a script goes to the server whole. The original splits it at every semicolon, which
 * breaks function bodies and strings.
 */
export class ScriptAdapter implements SqlMigrationAwareDriverAdapterFactory {
  readonly provider = 'postgres'
  readonly adapterName = '@easel/database'
  /** What the server said to the last script that failed. */
  failure: Error | undefined
  readonly #pool: pg.Pool
  readonly #factory: PrismaPg

  constructor(pool: pg.Pool, schema: string) {
    this.#pool = pool
    this.#factory = new PrismaPg(pool, { schema })
  }

  async connect(): Promise<SqlDriverAdapter> {
    const adapter = await this.#factory.connect()
    adapter.executeScript = async (script) => {
      try {
        await this.#pool.query(script)
      } catch (error) {
        this.failure = error as Error
        throw new DriverAdapterError({ kind: 'postgres', ...described(error) })
      }
    }
    return adapter
  }

  /** The database itself: who asks the engine to use a shadow gives it a schema to spoil. */
  connectToShadowDb(): Promise<SqlDriverAdapter> {
    return this.connect()
  }
}

function described(error: unknown) {
  const { code = 'XX000', message, severity = 'ERROR' } = error as pg.DatabaseError
  return { code, message, severity, detail: undefined, column: undefined, hint: undefined }
}
