import type { Database } from '@easel/database'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { FileRow } from './file-view.ts'
import type { ListCursor } from './list-cursor.ts'

export type ListFilter = {
  q?: string | undefined
  folder?: string | undefined
  base?: string | undefined
  families?: readonly string[] | undefined
  /** Only what is added to a model: LoRAs, embeddings and the like. */
  additions?: boolean | undefined
  type?: { is: string; folder: string } | undefined
  format?: string | undefined
  unsafe?: boolean | undefined
  root?: string | undefined
  linked?: boolean | undefined
  modelSource?: string | undefined
  modelId?: string | undefined
  versionId?: string | undefined
  /** Leaves out a quantized file that is one of a pair. */
  together?: boolean | undefined
}
export type ListOrder = {
  sort: 'name' | 'newest' | 'largest'
  after: ListCursor | undefined
  limit: number
}

export const fileColumns = `
  id, root, path, folder, name, format, state, problem, unsafe, bytes, modified_at as "modifiedAt", fingerprint,
  sha256, auto_v2 as "autoV2", auto_v3 as "autoV3", base_model as "baseModel", title, family, type,
  trigger_words as "triggerWords", words_from as "wordsFrom", tensor_count as "tensorCount",
  parameter_count as "parameterCount", dtypes, precision, noise, variant_key as "variantKey",
  belongs_in as "belongsIn", description, notes, preferred_weight as "preferredWeight", preview,
  model_source as "modelSource", model_id as "modelId", version_id as "versionId",
  linked_at as "linkedAt", link_from as "linkFrom", announced, indexed_at as "indexedAt"`

/** What a file is sorted by, how it is compared with a cursor, and which way. */
const orders = {
  // Only Postgres knows what its own small letters are.
  name: { by: 'lower(name)', of: (at: string) => `lower(${at}::text)`, beyond: '>', way: 'asc' },
  newest: { by: 'modified_at', of: (at: string) => `${at}::timestamptz`, beyond: '<', way: 'desc' },
  largest: { by: 'bytes', of: (at: string) => `${at}::bigint`, beyond: '<', way: 'desc' },
} as const

/** Just a file and its quantized twin; three of a kind stay apart. */
const pairs = `select variant_key from files where variant_key is not null group by variant_key
  having count(*) = 2 and count(*) filter (where precision like 'quanto%') = 1`

export class LibraryRepository {
  private readonly database: Database
  private readonly prisma: PrismaClient

  constructor(database: Database, prisma: PrismaClient) {
    this.database = database
    this.prisma = prisma
  }

  async list(filter: ListFilter, { sort, after, limit }: ListOrder): Promise<FileRow[]> {
    const { by, of, beyond, way } = orders[sort]
    const values: unknown[] = []
    const value = (given: unknown) => `$${values.push(given)}`
    const conditions = conditionsOf(filter, value)
    if (after) {
      conditions.push(`(${by}, id) ${beyond} (${of(value(after.value))}, ${value(after.id)}::uuid)`)
    }
    const { rows } = await this.database.query<FileRow>(
      `select ${fileColumns} from files ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
       order by ${by} ${way}, id ${way} limit ${value(limit)}`,
      values,
    )
    return rows
  }

  /** The other halves of the pairs that these files are one of. */
  async listTwins(files: readonly FileRow[]): Promise<Pick<FileRow, 'id' | 'variantKey' | 'bytes'>[]> {
    const { rows } = await this.database.query<Pick<FileRow, 'id' | 'variantKey' | 'bytes'>>(
      `select id, variant_key as "variantKey", bytes from files
       where variant_key = any($1::text[]) and id <> all($2::uuid[]) and variant_key in (${pairs})`,
      [files.map(({ variantKey }) => variantKey), files.map(({ id }) => id)],
    )
    return rows
  }

  find(id: string): Promise<FileRow | null> {
    return this.prisma.file.findUnique({ where: { id } })
  }

  /** The same bytes may lie in several places: the first by path. */
  findByHash(hash: string): Promise<FileRow | null> {
    const short = hash.toUpperCase()
    return this.prisma.file.findFirst({
      where: { OR: [{ sha256: hash.toLowerCase() }, { autoV2: short }, { autoV3: short }] },
      orderBy: [{ root: 'asc' }, { path: 'asc' }],
    })
  }

  /** Other places of the same bytes. */
  async listAliases({ id, sha256 }: FileRow): Promise<{ root: string; path: string }[]> {
    if (sha256 === null) return []
    return await this.prisma.file.findMany({
      where: { sha256, id: { not: id } },
      select: { root: true, path: true },
      orderBy: [{ root: 'asc' }, { path: 'asc' }],
      take: 100,
    })
  }
}

type Value = (given: unknown) => string

function conditionsOf(filter: ListFilter, value: Value): string[] {
  const conditions: string[] = []
  const equal = (column: string, given: unknown) => {
    if (given !== undefined) conditions.push(`${column} = ${value(given)}`)
  }
  if (filter.q !== undefined) {
    const part = value(`%${filter.q.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`)
    conditions.push(`(lower(name) like ${part} or lower(title) like ${part})`)
  }
  equal('folder', filter.folder)
  equal('format', filter.format)
  equal('unsafe', filter.unsafe)
  equal('root', filter.root)
  equal('model_source', filter.modelSource)
  equal('model_id', filter.modelId)
  equal('version_id', filter.versionId)
  if (filter.base !== undefined) {
    const base = value(filter.base)
    conditions.push(`(lower(base_model) = lower(${base}) or family = lower(${base}))`)
  }
  if (filter.families) conditions.push(`family = any(${value(filter.families)}::text[])`)
  if (filter.type) {
    conditions.push(
      `(type = ${value(filter.type.is)} or (type is null and folder = ${value(filter.type.folder)}))`,
    )
  }
  if (filter.additions) {
    conditions.push(`(type in ('lora', 'embedding', 'controlnet', 'motion-module')
      or (type is null and folder in ('loras', 'embeddings', 'controlnet')))`)
  }
  if (filter.linked !== undefined) conditions.push(`model_id is ${filter.linked ? 'not ' : ''}null`)
  if (filter.together) {
    conditions.push(`not (coalesce(precision, '') like 'quanto%' and variant_key in (${pairs}))`)
  }
  return conditions
}
