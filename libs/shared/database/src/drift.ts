import { randomBytes } from 'node:crypto'
import { ColumnTypeEnum, type SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import type { QueryResult } from 'pg'
import { connectionConfig } from './connection.ts'
import { readMigrations } from './migration-files.ts'
import { PinnedPool } from './pinned-pool.ts'
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
  const server = new PinnedPool(connectionConfig({ url, schema: 'public' }))
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
  const pool = new CatalogPool(connectionConfig({ url, schema }))
  try {
    await pool.query(`create schema if not exists "${schema}"`)
    return await diffMigrations(new CatalogAdapter(pool, schema), await readMigrations(directory), model)
  } finally {
    await pool.end()
  }
}

const charType = 18
const textType = 25

/** The engine reads Postgres' catalogs, whose "char" columns `@prisma/adapter-pg` does not know. */
class CatalogPool extends PinnedPool {
  override async query(...query: unknown[]): Promise<never> {
    const result = (await super.query(...query)) as QueryResult | QueryResult[]
    for (const { fields } of [result].flat()) {
      for (const field of fields) {
        if (field.dataTypeID === charType) field.dataTypeID = textType
      }
    }
    return result as never
  }
}

/**
 * The type of a constraint must arrive as a character. And Postgres 18 lists NOT NULL among constraints, at
 * which the engine panics: https://github.com/prisma/orm/issues/29635
 */
class CatalogAdapter extends ScriptAdapter {
  override async connect(): Promise<SqlDriverAdapter> {
    const adapter = await super.connect()
    const queryRaw = adapter.queryRaw.bind(adapter)
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query)
      const type = result.columnNames.indexOf('constraint_type')
      if (type === -1) return result
      const columnTypes = result.columnTypes.with(type, ColumnTypeEnum.Character)
      return { ...result, columnTypes, rows: result.rows.filter((row) => row[type] !== 'n') }
    }
    return adapter
  }
}

function onDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
