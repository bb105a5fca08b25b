import type { Database } from '@easel/database'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { FileRow } from './file-view.ts'
import type { ListCursor } from './list-cursor.ts'

export type ListFilter = {
  q?: string | undefined
  folder?: string | undefined
  base?: string | undefined
  format?: string | undefined
  unsafe?: boolean | undefined
}
export type ListOrder = {
  sort: 'name' | 'newest' | 'largest'
  after: ListCursor | undefined
  limit: number
}

export const fileColumns = `
  id, path, folder, name, format, state, problem, unsafe, bytes, modified_at as "modifiedAt", fingerprint,
  sha256, auto_v2 as "autoV2", auto_v3 as "autoV3", base_model as "baseModel", title,
  trigger_words as "triggerWords", tensor_count as "tensorCount", parameter_count as "parameterCount",
  dtypes, announced, indexed_at as "indexedAt"`

/** What a file is sorted by, how it is compared with a cursor, and which way. */
const orders = {
  name: { by: 'lower(name)', value: '$6::text', beyond: '>', way: 'asc' },
  newest: { by: 'modified_at', value: '$6::timestamptz', beyond: '<', way: 'desc' },
  largest: { by: 'bytes', value: '$6::bigint', beyond: '<', way: 'desc' },
} as const

export class LibraryRepository {
  private readonly database: Database
  private readonly prisma: PrismaClient

  constructor(database: Database, prisma: PrismaClient) {
    this.database = database
    this.prisma = prisma
  }

  async list(filter: ListFilter, { sort, after, limit }: ListOrder): Promise<FileRow[]> {
    const { by, value, beyond, way } = orders[sort]
    const position = after
      ? `(${by}, id) ${beyond} (${value}, $7::uuid)`
      : '$6::text is null and $7::uuid is null'
    const { rows } = await this.database.query<FileRow>(
      `select ${fileColumns} from files
       where ($1::text is null or lower(name) like $1) and ($2::text is null or folder = $2)
         and ($3::text is null or lower(base_model) = lower($3)) and ($4::text is null or format = $4)
         and ($5::boolean is null or unsafe = $5) and ${position}
       order by ${by} ${way}, id ${way} limit $8`,
      [
        filter.q === undefined ? null : `%${filter.q.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`,
        filter.folder ?? null,
        filter.base ?? null,
        filter.format ?? null,
        filter.unsafe ?? null,
        after?.value ?? null,
        after?.id ?? null,
        limit,
      ],
      { name: `files-list-${sort}${after ? '-after' : ''}` },
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
      orderBy: { path: 'asc' },
    })
  }

  async count() {
    const [total, hashed, unsafe, refused, folders] = await Promise.all([
      this.prisma.file.aggregate({ _count: true, _sum: { bytes: true } }),
      this.prisma.file.count({ where: { sha256: { not: null } } }),
      this.prisma.file.count({ where: { unsafe: true } }),
      this.prisma.file.count({ where: { state: 'refused' } }),
      this.prisma.file.groupBy({
        by: ['folder'],
        _count: true,
        _sum: { bytes: true },
        orderBy: { folder: 'asc' },
      }),
    ])
    return { total, hashed, unsafe, refused, folders }
  }
}
