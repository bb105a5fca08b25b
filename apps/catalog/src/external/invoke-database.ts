import { pathToFileURL } from 'node:url'
import { isAbsolute, join, sep } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storable } from '../scan/storable.ts'

/** A model as InvokeAI keeps it. */
export type InvokeModel = {
  id: string
  /** Absolute. */
  path: string
  name: string
  base: string | null
  type: string | null
  source: string | null
  sourceUrl: string | null
}

const mostModels = 100_000
const longestConfig = 1024 * 1024

/**
 * The models of an InvokeAI database, version 4 and later, read without writing anything. Rows that make no sense are
 * left out. A path that is not absolute lies below `modelsDirectory`. Throws when it is no such database.
 */
export function readInvokeModels(path: string, modelsDirectory: string): InvokeModel[] {
  using database = openReadOnly(path)
  const rows = database
    .prepare('select id, config from models where length(config) < ? limit ?')
    .all(longestConfig, mostModels)
  return rows.flatMap(({ id, config }) => {
    const model =
      typeof id === 'string' && typeof config === 'string' ? read(config, modelsDirectory) : undefined
    return model ? [{ id: storable(id as string).slice(0, 200), ...model }] : []
  })
}

/** With the app running its journal is read, too; where no lock can be taken the file is read as it lies there. */
function openReadOnly(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 2_000 })
    database.prepare('select 1 from sqlite_master').get()
    return database
  } catch {
    const url = pathToFileURL(path)
    url.searchParams.set('immutable', '1')
    url.searchParams.set('mode', 'ro')
    return new DatabaseSync(url, { readOnly: true })
  }
}

function read(text: string, modelsDirectory: string): Omit<InvokeModel, 'id'> | undefined {
  const config = parse(text)
  const path = field(config, 'path')
  // Models of a service have no file.
  if (!config || path === null || field(config, 'source_type') === 'external') return undefined
  const plain = path.replaceAll('\\', sep)
  return {
    path: isAbsolute(plain) ? plain : join(modelsDirectory, plain),
    name: field(config, 'name') ?? '',
    base: field(config, 'base'),
    type: field(config, 'type'),
    source: field(config, 'source'),
    sourceUrl: field(config, 'source_url'),
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined // a row that is no JSON is no model
  }
}

function field(config: Record<string, unknown> | undefined, name: string): string | null {
  const value = config && Object.hasOwn(config, name) ? config[name] : undefined
  return typeof value === 'string' && value !== '' ? storable(value.slice(0, 2_000)) : null
}
