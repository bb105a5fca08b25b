import { randomBytes } from 'node:crypto'
import pg, { type QueryResult } from 'pg'
import { connectionConfig } from './connection.ts'
import { readMigrations } from './migration-files.ts'
import { diffMigrations } from './schema-engine.ts'
import { ScriptAdapter } from './script-adapter.ts'

export type DriftOptions = {
  /** A server on which the role may create databases. */
  readonly url: string
  readonly schema: string
  readonly directory: string
  /** The text of `schema.prisma`. */
  readonly model: string
}

/**
 * Applies the migrations to a database made for it and gives the SQL that is missing to what the model says;
 * empty when they agree. What Prisma does not model (partial and expression indexes, functions, triggers) is
 * not compared.
 */
export async function findDrift({ url, schema, directory, model }: DriftOptions): Promise<string> {
  const name = `drift_${randomBytes(6).toString('hex')}`
  const server = new pg.Pool({ ...connectionConfig({ url, schema: 'public' }), max: 1 })
  try {
    await server.query(`create database ${name}`)
    try {
      return await driftOn({ url: onDatabase(url, name), schema, directory, model })
    } finally {
      await server.query(`drop database ${name} with (force)`)
    }
  } finally {
    await server.end()
  }
}

async function driftOn({ url, schema, directory, model }: DriftOptions): Promise<string> {
  const pool = new CatalogPool({ ...connectionConfig({ url, schema }), max: 1 })
  try {
    await pool.query(`create schema if not exists "${schema}"`)
    return await diffMigrations(new ScriptAdapter(pool, schema), await readMigrations(directory), model)
  } finally {
    await pool.end()
  }
}

const charType = 18
const textType = 25

/** The engine reads Postgres' catalogs, whose "char" columns `@prisma/adapter-pg` does not know. */
class CatalogPool extends pg.Pool {
  // `never` fits every one of the many overloads.
  override async query(...query: unknown[]): Promise<never> {
    const result: QueryResult | QueryResult[] = await super.query(...(query as [string]))
    for (const { fields } of [result].flat()) {
      for (const field of fields) {
        if (field.dataTypeID === charType) field.dataTypeID = textType
      }
    }
    return result as never
  }
}

function onDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
