import type { Database, SqlTransaction } from '@easel/database'
import type { FileRow } from '../library/file-view.ts'
import { fileColumns } from '../library/library.repository.ts'

export type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

export type KnownFile = {
  id: string
  path: string
  fingerprint: string | null
  state: string
  format: string
}

/** A path that is new or has other bytes than before. */
export type NewFile = {
  id: string
  path: string
  folder: string
  name: string
  format: string
  bytes: number
  modifiedAt: string
  fingerprint: string
}

/** What looking into a file gave. */
export type FileFacts = {
  state: 'ready' | 'refused'
  problem: string | null
  unsafe: boolean
  sha256: string | null
  autoV2: string | null
  autoV3: string | null
  baseModel: string | null
  title: string | null
  triggerWords: readonly string[]
  tensorCount: number | null
  parameterCount: number | null
  dtypes: readonly string[]
  metadata: Readonly<Record<string, string>> | null
}

/** `keep: false` forgets the fingerprint, so that the next scan looks again. */
export type SettledFile = FileFacts & { id: string; fingerprint: string; keep: boolean }

export type ScanRow = {
  state: string
  found: number
  hashed: number
  unchanged: number
  removed: number
  failed: number
  bytesHashed: number | string
  bytesToHash: number | string
  startedAt: Date | null
  finishedAt: Date | null
}

const scanColumns = `
  state, found, hashed, unchanged, removed, failed, bytes_hashed as "bytesHashed",
  bytes_to_hash as "bytesToHash", started_at as "startedAt", finished_at as "finishedAt"`

const factColumns = `
  state, problem, unsafe, sha256, auto_v2, auto_v3, base_model, title, trigger_words, tensor_count,
  parameter_count, dtypes, metadata`

export class ScanRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** All files at or below a path; `''` is everything. */
  async listKnown(below: string): Promise<KnownFile[]> {
    const { rows } = await this.sql.query<KnownFile>(
      `select id, path, fingerprint, state, format from files
       where $1 = '' or path = $1 or starts_with(path, $1 || '/')`,
      [below],
      { name: 'scan-known' },
    )
    return rows
  }

  /** Puts files down as being hashed; what was known of their bytes is forgotten. */
  async putFound(files: readonly NewFile[]): Promise<void> {
    await this.sql.query(
      `insert into files (id, path, folder, name, format, state, bytes, modified_at, fingerprint)
       select id, path, folder, name, format, 'hashing', bytes, "modifiedAt", fingerprint
       from jsonb_to_recordset($1::jsonb) as f(id uuid, path text, folder text, name text, format text,
         bytes bigint, "modifiedAt" timestamptz, fingerprint text)
       on conflict (id) do update set state = 'hashing', folder = excluded.folder, format = excluded.format,
         bytes = excluded.bytes, modified_at = excluded.modified_at, fingerprint = excluded.fingerprint,
         problem = null, sha256 = null, auto_v2 = null, auto_v3 = null, base_model = null, title = null,
         trigger_words = '{}', tensor_count = null, parameter_count = null, dtypes = '{}', metadata = null`,
      [JSON.stringify(files)],
      { name: 'scan-put' },
    )
  }

  /** Files of the same bytes need no look of their own. Gives the ids that took over what a twin knows. */
  async copyTwins(pairs: readonly { id: string; twinId: string }[]): Promise<FileRow[]> {
    const { rows } = await this.sql.query<FileRow>(
      `update files set (${factColumns}) =
         (select ${factColumns} from files twin where twin.id = pair.twin), indexed_at = now()
       from jsonb_to_recordset($1::jsonb) as pair(id uuid, twin uuid)
       where files.id = pair.id returning ${qualified(fileColumns)}`,
      [JSON.stringify(pairs.map(({ id, twinId }) => ({ id, twin: twinId })))],
      { name: 'scan-twins' },
    )
    return rows
  }

  /** Writes what was found out, unless the file has changed again meanwhile. Gives the rows written. */
  async settle(files: readonly SettledFile[]): Promise<FileRow[]> {
    const { rows } = await this.sql.query<FileRow>(
      `update files set state = f.state, problem = f.problem, unsafe = f.unsafe, sha256 = f.sha256,
         auto_v2 = f."autoV2", auto_v3 = f."autoV3", base_model = f."baseModel", title = f.title,
         trigger_words = f."triggerWords", tensor_count = f."tensorCount",
         parameter_count = f."parameterCount", dtypes = f.dtypes, metadata = f.metadata,
         fingerprint = case when f.keep then files.fingerprint end, indexed_at = now()
       from jsonb_to_recordset($1::jsonb) as f(id uuid, fingerprint text, keep boolean, state text,
         problem text, unsafe boolean, sha256 text, "autoV2" text, "autoV3" text, "baseModel" text,
         title text, "triggerWords" text[], "tensorCount" int, "parameterCount" bigint, dtypes text[],
         metadata jsonb)
       where files.id = f.id and files.fingerprint = f.fingerprint returning ${qualified(fileColumns)}`,
      [JSON.stringify(files)],
      { name: 'scan-settle' },
    )
    return rows
  }

  async markAnnounced(ids: readonly string[]): Promise<void> {
    await this.sql.query('update files set announced = true where id = any($1::uuid[])', [ids], {
      name: 'scan-announced',
    })
  }

  async remove(ids: readonly string[]): Promise<FileRow[]> {
    const { rows } = await this.sql.query<FileRow>(
      `delete from files where id = any($1::uuid[]) returning ${fileColumns}`,
      [ids],
      { name: 'scan-remove' },
    )
    return rows
  }

  async findScan(): Promise<ScanRow | undefined> {
    const { rows } = await this.sql.query<ScanRow>(`select ${scanColumns} from scan where id = 1`)
    return rows[0]
  }

  /** Did a process die in the middle of its scan? */
  async wasAbandoned(silentMs: number): Promise<boolean> {
    const { rowCount } = await this.sql.query(
      `select 1 from scan where id = 1 and state = 'scanning' and updated_at < now() - $1 * interval '1 ms'`,
      [silentMs],
      { name: 'scan-abandoned' },
    )
    return rowCount === 1
  }

  async saveScan(scan: Omit<ScanRow, 'startedAt' | 'finishedAt'>, starts: boolean): Promise<void> {
    const { state, found, hashed, unchanged, removed, failed, bytesHashed, bytesToHash } = scan
    await this.sql.query(
      `insert into scan (id, state, found, hashed, unchanged, removed, failed, bytes_hashed, bytes_to_hash,
         started_at, updated_at)
       values (1, $1, $2, $3, $4, $5, $6, $7, $8, now(), now())
       on conflict (id) do update set state = $1, found = $2, hashed = $3, unchanged = $4, removed = $5,
         failed = $6, bytes_hashed = $7, bytes_to_hash = $8, updated_at = now(),
         started_at = case when $9 then now() else scan.started_at end,
         finished_at = case when $1 = 'idle' then now() end`,
      [state, found, hashed, unchanged, removed, failed, bytesHashed, bytesToHash, starts],
      { name: 'scan-save' },
    )
  }
}

/** In a statement that joins, a bare `id` could be another table's. */
function qualified(columns: string): string {
  return columns.replaceAll(/(^|,)(\s+)([a-z])/g, '$1$2files.$3')
}
