import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import type { MigrationFile } from './migration-files.ts'

// Node has it, but the types stand in the DOM library.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>
}

/** The engine leaves a timer of ten seconds behind, which would keep a finished process alive. */
const patientTimers = Object.fromEntries(
  Object.keys(bindings)
    .filter((name) => name.startsWith('__wbg_setTimeout_'))
    .map((name) => [name, (callback: () => void, ms: number) => setTimeout(callback, ms >>> 0).unref()]),
)

/** Where the engine puts the text of a panic, before it traps. */
declare global {
  var PRISMA_WASM_PANIC_REGISTRY: { set_message(message: string): void } | undefined
}

let loaded: Promise<void> | undefined

/** The package imports its .wasm as a module, which Node does only behind a flag; so it is loaded by hand. */
function load(): Promise<void> {
  return (loaded ??= (async () => {
    globalThis.PRISMA_WASM_PANIC_REGISTRY ??= {
      set_message(message) {
        throw new Error(`The schema engine panicked: ${message}`)
      },
    }
    const folder = dirname(
      createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
    )
    const { instance } = await WebAssembly.instantiate(
      await readFile(join(folder, 'schema_engine_bg.wasm')),
      {
        './schema_engine_bg.js': { ...bindings, ...patientTimers },
      },
    )
    bindings.__wbg_set_wasm(instance.exports)
    ;(instance.exports.__wbindgen_start as () => void)()
  })())
}

/** Prisma's own schema engine, which needs no download in this form. Free it (`using`) after use. */
export async function openSchemaEngine(
  factory: SqlMigrationAwareDriverAdapterFactory,
): Promise<SchemaEngine> {
  await load()
  return bindings.SchemaEngine.new(
    { datamodels: undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(factory),
  )
}

const noFilter = { externalTables: [], externalEnums: [] }

function migrationList(migrations: readonly MigrationFile[]) {
  return {
    baseDir: '',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: script } },
    })),
  }
}

/** Applies those of the list that `_prisma_migrations` does not have. */
export async function applyMigrations(
  engine: SchemaEngine,
  migrations: readonly MigrationFile[],
): Promise<void> {
  await engine.applyMigrations({ migrationsList: migrationList(migrations), filters: noFilter })
}

type Target = Parameters<SchemaEngine['diff']>[0]['from']

/** A text of `schema.prisma`; undefined is the empty schema. */
export type DataModel = string | undefined

const modelTarget = (model: DataModel): Target =>
  model === undefined
    ? { tag: 'empty' }
    : { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: model }] }

/** The SQL that leads from one data model to another; empty when nothing has to change. Needs no database. */
export async function diffModels(from: DataModel, to: DataModel): Promise<string> {
  using engine = await openSchemaEngine(offline)
  return await diff(engine, modelTarget(from), modelTarget(to))
}

/**
 * The SQL that is missing between what the migrations make of an empty schema and the data model. `factory`
 * gives that empty schema as its shadow database; it is written to.
 */
export async function diffMigrations(
  factory: SqlMigrationAwareDriverAdapterFactory,
  migrations: readonly MigrationFile[],
  to: DataModel,
): Promise<string> {
  using engine = await openSchemaEngine(factory)
  return await diff(engine, { tag: 'migrations', ...migrationList(migrations) }, modelTarget(to))
}

async function diff(engine: SchemaEngine, from: Target, to: Target): Promise<string> {
  const { stdout } = await engine.diff({ from, to, script: true, exitCode: null, filters: noFilter })
  const sql = (stdout ?? '').replace(/-- CreateSchema\nCREATE SCHEMA [^;]*;\n+/, '').trim()
  return sql === '-- This is an empty migration.' ? '' : `${sql}\n`
}

const noDatabase = () => Promise.reject(new Error('There is no database here'))

/** Answers the one question the engine asks when it starts: is the schema there, and which server is it? */
const offlineAdapter: SqlDriverAdapter = {
  provider: 'postgres',
  adapterName: 'offline',
  queryRaw: () =>
    Promise.resolve({
      columnNames: ['exists', 'version', 'numeric_version'],
      columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
      rows: [[true, 'PostgreSQL 15.0', 150000]],
    }),
  executeRaw: noDatabase,
  executeScript: noDatabase,
  startTransaction: noDatabase,
  getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
  dispose: () => Promise.resolve(),
}

const offline: SqlMigrationAwareDriverAdapterFactory = {
  provider: 'postgres',
  adapterName: 'offline',
  connect: () => Promise.resolve(offlineAdapter),
  connectToShadowDb: noDatabase,
}
