import { AppError, notFound } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import type { ListLibraryFiles } from '@easel/contracts'
import { CatalogStore } from '../catalog.store.ts'
import type { FileRow } from './file-view.ts'
import { decodeCursor, encodeCursor } from './list-cursor.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Models belong to the house: whoever is signed in may see them all. */
@Injectable()
export class LibraryService {
  constructor(private readonly store: CatalogStore) {}

  async list({ cursor, limit = 50, sort = 'name', ...filter }: ListLibraryFiles) {
    refuseNul(filter)
    const after = cursor === undefined ? undefined : decodeCursor(cursor, sort)
    const rows = await this.store.library.list(filter, { sort, after, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    return {
      page,
      nextCursor: last ? encodeCursor({ sort, value: sortValue(last, sort), id: last.id }) : null,
    }
  }

  async get(id: string): Promise<FileRow> {
    const row = uuid.test(id) ? await this.store.library.find(id) : null
    if (!row) throw notFound('file', 'FILE_NOT_FOUND')
    return row
  }

  async getByHash(hash: string): Promise<FileRow> {
    const row = await this.store.library.findByHash(hash)
    if (!row) throw notFound('file', 'FILE_NOT_FOUND')
    return row
  }

  async stats() {
    const { total, hashed, unsafe, refused, folders } = await this.store.library.count()
    return {
      files: total._count,
      bytes: Number(total._sum.bytes ?? 0),
      hashed,
      unsafe,
      refused,
      folders: folders.map(({ folder, _count, _sum }) => ({
        folder,
        files: _count,
        bytes: Number(_sum.bytes ?? 0),
      })),
    }
  }
}

function sortValue(row: FileRow, sort: 'name' | 'newest' | 'largest'): string {
  if (sort === 'newest') return row.modifiedAt.toISOString()
  return sort === 'largest' ? String(row.bytes) : row.name.toLowerCase()
}

/** Postgres has no texts with NUL in them. */
function refuseNul(filter: object): void {
  for (const [path, value] of Object.entries(filter)) {
    if (typeof value === 'string' && value.includes('\0')) {
      throw new AppError('invalid', 'The filter is not right', {
        faults: [{ path, message: 'must not hold a NUL' }],
      })
    }
  }
}
