import type { Database } from '@easel/database'
import type { FileRow } from './file-view.ts'
import { fileColumns } from './library.repository.ts'

export type DuplicateGroup = { sha256: string; bytes: string; wasted: string }
export type DuplicatePosition = { wasted: string; sha256: string }

export type Counts = {
  files: number
  bytes: number
  hashed: number
  unsafe: number
  refused: number
  linked: number
  misplaced: number
  failedSidecars: number
}
export type Group = { id: string; files: number; bytes: number }

/** Device and inode: equal for hard links, and for links and what they lead to. */
const inode = `split_part(fingerprint, ':', 1) || ':' || split_part(fingerprint, ':', 2)`

const duplicateGroups = `
  select sha256, min(bytes) as bytes, (count(distinct ${inode}) - 1) * min(bytes) as wasted from files
  where sha256 is not null and fingerprint is not null
  group by sha256 having count(distinct ${inode}) > 1`

export class CareRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async listDuplicates(after: DuplicatePosition | undefined, limit: number): Promise<DuplicateGroup[]> {
    const { rows } = await this.database.query<DuplicateGroup>(
      `select * from (${duplicateGroups}) as groups
       where $1::bigint is null or wasted < $1 or (wasted = $1 and sha256 > $2)
       order by wasted desc, sha256 limit $3`,
      [after?.wasted ?? null, after?.sha256 ?? null, limit],
    )
    return rows
  }

  async listByHashes(hashes: readonly string[]): Promise<FileRow[]> {
    const { rows } = await this.database.query<FileRow>(
      `select ${fileColumns} from files where sha256 = any($1::text[]) order by root, path`,
      [hashes],
    )
    return rows
  }

  async listMisplaced(after: string | undefined, limit: number): Promise<FileRow[]> {
    const { rows } = await this.database.query<FileRow>(
      `select ${fileColumns} from files
       where belongs_in is not null and ($1::uuid is null or id > $1) order by id limit $2`,
      [after ?? null, limit],
    )
    return rows
  }

  async count(): Promise<Counts> {
    const { rows } = await this.database.query<Record<keyof Counts, string | number>>(
      `select count(*)::int as files, coalesce(sum(bytes), 0) as bytes, count(sha256)::int as hashed,
         count(*) filter (where unsafe)::int as unsafe,
         count(*) filter (where state = 'refused')::int as refused,
         count(model_id)::int as linked, count(belongs_in)::int as misplaced,
         (select count(*)::int from sidecars_due where failures > 0) as "failedSidecars"
       from files`,
    )
    const { files, bytes, hashed, unsafe, refused, linked, misplaced, failedSidecars } = rows[0]!
    return {
      files: Number(files),
      bytes: Number(bytes),
      hashed: Number(hashed),
      unsafe: Number(unsafe),
      refused: Number(refused),
      linked: Number(linked),
      misplaced: Number(misplaced),
      failedSidecars: Number(failedSidecars),
    }
  }

  async countDuplicates(): Promise<{ duplicates: number; duplicateBytes: number }> {
    const { rows } = await this.database.query<{ duplicates: number; bytes: string }>(
      `select count(*)::int as duplicates, coalesce(sum(wasted), 0) as bytes from (${duplicateGroups}) as groups`,
    )
    return { duplicates: rows[0]!.duplicates, duplicateBytes: Number(rows[0]!.bytes) }
  }

  async countBy(column: 'folder' | 'family' | 'format' | 'type' | 'root'): Promise<Group[]> {
    const { rows } = await this.database.query<{ id: string; files: number; bytes: string }>(
      `select coalesce(${column}, '') as id, count(*)::int as files, sum(bytes) as bytes
       from files group by 1 order by 1`,
    )
    return rows.map(({ bytes, ...group }) => ({ ...group, bytes: Number(bytes) }))
  }
}
