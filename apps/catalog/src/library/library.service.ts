import { AppError, notFound } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import type { ListLibraryFiles } from '@easel/contracts'
import { CatalogStore } from '../catalog.store.ts'
import { familyById } from '../families/families.ts'
import type { FileRow } from './file-view.ts'
import type { ListFilter } from './library.repository.ts'
import { decodeCursor, encodeCursor } from './list-cursor.ts'
import { TypeFolders } from './type-folders.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export type ListedFile = FileRow & { twins?: { id: string; bytes: bigint | string }[] }

/** Models belong to the house: whoever is signed in may see them all. */
@Injectable()
export class LibraryService {
  constructor(
    private readonly store: CatalogStore,
    private readonly folders: TypeFolders,
  ) {}

  async list({ cursor, limit = 50, sort = 'name', ...filter }: ListLibraryFiles): Promise<{
    page: ListedFile[]
    nextCursor: string | null
  }> {
    refuseNul(filter)
    const after = cursor === undefined ? undefined : decodeCursor(cursor, sort)
    const rows = await this.store.library.list(this.filterOf(filter), { sort, after, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    return {
      page: filter.variants === 'together' ? await this.withTwins(page) : page,
      nextCursor: last ? encodeCursor({ sort, value: sortValue(last, sort), id: last.id }) : null,
    }
  }

  async get(id: string): Promise<FileRow> {
    const row = uuid.test(id) ? await this.store.library.find(id) : null
    if (!row) throw notFound('file', 'FILE_NOT_FOUND')
    return row
  }

  async aliases(row: FileRow): Promise<string[]> {
    return (await this.store.library.listAliases(row)).map(({ root, path }) => shownPath(root, path))
  }

  async getByHash(hash: string): Promise<FileRow> {
    const row = await this.store.library.findByHash(hash)
    if (!row) throw notFound('file', 'FILE_NOT_FOUND')
    return row
  }

  async stats() {
    const { care } = this.store
    const [counts, duplicates, folders, families, formats, types] = await Promise.all([
      care.count(),
      care.countDuplicates(),
      care.countBy('folder'),
      care.countBy('family'),
      care.countBy('format'),
      care.countBy('type'),
    ])
    return {
      ...counts,
      ...duplicates,
      folders: folders.map(({ id, ...group }) => ({ folder: id, ...group })),
      families,
      formats,
      types,
    }
  }

  private filterOf(asked: Omit<ListLibraryFiles, 'cursor' | 'limit' | 'sort'>): ListFilter {
    const { family, compatibleWith, type, variants, ...filter } = asked
    const compatible = compatibleWith && (familyById(compatibleWith)?.loraFamilies ?? [compatibleWith])
    return {
      ...filter,
      families: family !== undefined ? [family] : compatible || undefined,
      additions: compatibleWith !== undefined,
      // What the many kinds of LoRA are apart is not to be seen in a header.
      type: type && {
        is: type === 'locon' || type === 'dora' ? 'lora' : type,
        folder: this.folders.folderOf(type),
      },
      together: variants === 'together',
    }
  }

  private async withTwins(page: readonly FileRow[]): Promise<ListedFile[]> {
    const twins = await this.store.library.listTwins(page)
    return page.map((row) => ({
      ...row,
      twins: twins.filter(({ variantKey }) => variantKey === row.variantKey),
    }))
  }
}

/** What tells a path of one models folder from the same path of another. */
export const shownPath = (root: string, path: string): string => (root === '' ? path : `${root}:${path}`)

function sortValue(row: FileRow, sort: 'name' | 'newest' | 'largest'): string {
  if (sort === 'newest') return row.modifiedAt.toISOString()
  return sort === 'largest' ? String(row.bytes) : row.name
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
