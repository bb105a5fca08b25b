import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database, SqlTransaction } from '@easel/database'
import { modelRows } from '../../apps/catalog/src/models/model-rows.ts'
import type { ModelRows } from '../../apps/catalog/src/models/model-rows.ts'
import { SpellingRepository } from '../../apps/catalog/src/models/spelling.repository.ts'
import { syntheticModels } from './synthetic-models.ts'

const chunk = 10_000
const tables = ['models', 'model_details', 'model_versions', 'model_files', 'model_images', 'model_words']

type Row = Readonly<Record<string, unknown>>

/**
 * The rows are those that the catalog makes of an answer; they come in as a restore brings them, by COPY and with the
 * indexes made at the end. The server must be able to read the folder.
 */
export async function fill(database: Database, { count, folder }: { count: number; folder: string }) {
  const began = performance.now()
  await database.transact(async (tx) => {
    // Keys hold by construction: no row is looked for 200,000 times.
    await tx.query('set local session_replication_role = replica')
    await tx.query("set local maintenance_work_mem = '256MB'")
    const indexes = await dropIndexes(tx)
    await copyAll(tx, { count, folder })
    for (const index of indexes) await tx.query(index)
    await tx.query("select setval(pg_get_serial_sequence('models', 'key'), (select max(key) from models))")
    await tx.query(
      "select setval(pg_get_serial_sequence('model_versions', 'key'), (select max(key) from model_versions))",
    )
  })
  await database.query('analyze')
  await new SpellingRepository(database).recount()
  return (performance.now() - began) / 1_000
}

async function dropIndexes(tx: SqlTransaction): Promise<string[]> {
  const { rows } = await tx.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     where i.indrelid::regclass::text = any($1) and not i.indisprimary and not i.indisunique`,
    [tables],
  )
  for (const { name } of rows) await tx.query(`drop index ${name}`)
  return rows.map(({ definition }) => definition)
}

/** The next rows are made while the server reads the last ones. */
async function copyAll(tx: SqlTransaction, { count, folder }: { count: number; folder: string }) {
  const keys = { model: 0, version: 0 }
  const words = new Set<string>()
  let reading: Promise<void> = Promise.resolve()
  let batch: ModelRows[] = []
  let turn = 0
  const flush = async () => {
    const place = join(folder, `rows-${turn++}`)
    const parts = partsOf(batch, keys)
    batch = []
    await reading
    reading = copy(tx, { place, parts })
    // A failure is met at the next turn.
    reading.catch(() => undefined)
  }
  for (const model of syntheticModels(count)) {
    const rows = modelRows(model)
    for (const word of rows.spelling) words.add(word)
    batch.push(rows)
    if (batch.length === chunk) await flush()
  }
  await flush()
  await reading
  await tx.query('insert into model_words (word) select unnest($1::text[])', [[...words]])
}

function partsOf(batch: readonly ModelRows[], keys: { model: number; version: number }) {
  const parts = {
    models: [] as Row[],
    model_details: [] as Row[],
    model_versions: [] as Row[],
    model_files: [] as Row[],
    model_images: [] as Row[],
  }
  for (const { model, versions } of batch) {
    const key = ++keys.model
    const { detail, ...row } = model
    const { raw, ...shown } = detail
    parts.models.push({ key, ...row })
    parts.model_details.push({ model_key: key, ...shown, raw_listed: raw })
    for (const { files, images, ...version } of versions) {
      const version_key = ++keys.version
      parts.model_versions.push({ key: version_key, model_key: key, ...version })
      for (const file of files) parts.model_files.push({ version_key, ...file })
      for (const image of images) parts.model_images.push({ version_key, ...image })
    }
  }
  return parts
}

async function copy(
  tx: SqlTransaction,
  { place, parts }: { place: string; parts: ReturnType<typeof partsOf> },
): Promise<void> {
  await mkdir(place, { mode: 0o755 })
  for (const [table, rows] of Object.entries(parts)) {
    if (rows.length === 0) continue
    const file = join(place, table)
    const columns = Object.keys(rows[0]!)
    await writeFile(file, rows.map((row) => line(row, columns)).join(''), { mode: 0o644 })
    await tx.query(`copy ${table} (${columns.join(', ')}) from '${file.replaceAll("'", "''")}'`)
  }
  await rm(place, { recursive: true })
}

const line = (row: Row, columns: readonly string[]) =>
  `${columns.map((column) => field(row[column])).join('\t')}\n`

/** As COPY reads it. */
function field(value: unknown): string {
  if (value === null || value === undefined) return String.raw`\N`
  return textOf(value)
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
}

function textOf(value: unknown): string {
  if (typeof value !== 'object') return String(value as string | number | boolean)
  if (!Array.isArray(value) || typeof value[0] === 'object') return JSON.stringify(value)
  return `{${value.map((each) => JSON.stringify(each)).join(',')}}`
}
