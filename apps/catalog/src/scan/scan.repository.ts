import type { Database, SqlTransaction } from '@easel/database'
import type { FileRow } from '../library/file-view.ts'
import { fileColumns } from '../library/library.repository.ts'
import { modelFileOf } from './model-file.ts'
import type { FileDescription } from './describe-file.ts'
import type { FileFacts } from './inspect-file.ts'

export type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

export type KnownFile = {
  id: string
  path: string
  fingerprint: string | null
  state: string
  format: string
  besides: string
}

/** A path that is new or has other bytes than before. */
export type NewFile = {
  id: string
  root: string
  path: string
  folder: string
  name: string
  format: string
  bytes: number
  modifiedAt: string
  fingerprint: string
}

/** `keep: false` forgets the fingerprint, so that the next scan looks again. */
export type SettledFile = FileFacts & { id: string; fingerprint: string; besides: string; keep: boolean }

/** A file whose bytes are as they were, and what is now said of it. */
export type DescribedFile = { id: string; fingerprint: string; besides: string; description: FileDescription }

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

/** What twins share; the rest is told by their names, too. */
const byteColumns = `
  state, problem, unsafe, sha256, auto_v2, auto_v3, base_model, title, trigger_words, words_from, tensor_count,
  parameter_count, dtypes, metadata, family, type, precision, model_source, model_id, version_id, linked_at,
  link_from, asked_at`

/** A link by hash or by hand goes before what lies beside the file or stands in its header. */
const known = `coalesce(files.link_from in ('hash', 'hand'), false)`

const describedColumns = `
  base_model = case when ${known} then files.base_model else f."baseModel" end,
  title = case when ${known} then files.title else f.title end,
  family = case when ${known} then coalesce(files.family, f.family) else f.family end,
  trigger_words = case when files.words_from = 'catalogue' then files.trigger_words else f."triggerWords" end,
  words_from = case when files.words_from = 'catalogue' then files.words_from else f."wordsFrom" end,
  description = f.description, notes = f.notes, preferred_weight = f."preferredWeight", type = f.type,
  precision = f.precision, noise = f.noise, variant_key = f."variantKey", belongs_in = f."belongsIn",
  preview = f.preview, tensor_count = f."tensorCount", parameter_count = f."parameterCount",
  dtypes = f.dtypes, metadata = f.metadata,
  model_source = case when ${known} or files.link_from = 'none' then files.model_source
    when f."sidecarVersionId" is not null then 'civitai' end,
  model_id = case when ${known} or files.link_from = 'none' then files.model_id
    when f."sidecarVersionId" is not null then f."sidecarModelId" end,
  version_id = case when ${known} or files.link_from = 'none' then files.version_id
    else f."sidecarVersionId" end,
  linked_at = case when ${known} or files.link_from = 'none' then files.linked_at
    when f."sidecarVersionId" is not null then coalesce(files.linked_at, now()) end,
  link_from = case when ${known} or files.link_from = 'none' then files.link_from
    when f."sidecarVersionId" is not null then 'sidecar' end`

const describedRecord = `
  "baseModel" text, title text, "triggerWords" text[], "wordsFrom" text, description text, notes text,
  "preferredWeight" real, family text, type text, precision text, noise text, "variantKey" text,
  "belongsIn" text, preview text, "tensorCount" int, "parameterCount" bigint, dtypes text[], metadata jsonb,
  "sidecarModelId" text, "sidecarVersionId" text`

export class ScanRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** All files of a root at or below a path; `''` is everything. */
  async listKnown(root: string, below: string): Promise<KnownFile[]> {
    const { rows } = await this.sql.query<KnownFile>(
      `select id, path, fingerprint, state, format, besides from files
       where root = $2 and ($1 = '' or path = $1 or starts_with(path, $1 || '/'))`,
      [below, root],
      { name: 'scan-known' },
    )
    return rows
  }

  /** Of bytes that were looked into. What is put down as being hashed is not among them. */
  async listHashed(
    fingerprints: readonly string[],
  ): Promise<{ id: string; format: string; fingerprint: string }[]> {
    if (fingerprints.length === 0) return []
    const { rows } = await this.sql.query<{ id: string; format: string; fingerprint: string }>(
      `select id, format, fingerprint from files
       where fingerprint = any($1::text[]) and state <> 'hashing'`,
      [fingerprints],
      { name: 'scan-hashed' },
    )
    return rows
  }

  /** Puts files down as being hashed; what was known of their bytes is forgotten. */
  async putFound(files: readonly NewFile[]): Promise<void> {
    await this.sql.query(
      `insert into files (id, root, path, folder, name, format, state, bytes, modified_at, fingerprint)
       select id, root, path, folder, name, format, 'hashing', bytes, "modifiedAt", fingerprint
       from jsonb_to_recordset($1::jsonb) as f(id uuid, root text, path text, folder text, name text,
         format text, bytes bigint, "modifiedAt" timestamptz, fingerprint text)
       on conflict (id) do update set state = 'hashing', folder = excluded.folder, format = excluded.format,
         bytes = excluded.bytes, modified_at = excluded.modified_at, fingerprint = excluded.fingerprint,
         problem = null, unsafe = false, sha256 = null, auto_v2 = null, auto_v3 = null, base_model = null,
         title = null, trigger_words = '{}', words_from = 'none', tensor_count = null,
         parameter_count = null, dtypes = '{}', metadata = null, family = null, type = null,
         precision = null, preview = null, belongs_in = null, model_source = null, model_id = null,
         version_id = null, linked_at = null, link_from = null, asked_at = null, besides = ''`,
      [JSON.stringify(files)],
      { name: 'scan-put' },
    )
  }

  /** Files of the same bytes need no look of their own. Gives the rows that took over what a twin knows. */
  async copyTwins(pairs: readonly { id: string; twinId: string }[]): Promise<FileRow[]> {
    const { rows } = await this.sql.query<FileRow>(
      `update files set (${byteColumns}) =
         (select ${byteColumns} from files twin where twin.id = pair.twin), indexed_at = now()
       from jsonb_to_recordset($1::jsonb) as pair(id uuid, twin uuid)
       where files.id = pair.id returning ${qualified(fileColumns)}`,
      [JSON.stringify(pairs.map(({ id, twinId }) => ({ id, twin: twinId })))],
      { name: 'scan-twins' },
    )
    return rows
  }

  /** Writes what was found out, unless the file has changed again meanwhile. Gives the rows written. */
  async settle(files: readonly SettledFile[]): Promise<FileRow[]> {
    const rows = files.map(({ description, ...facts }) => ({
      ...facts,
      ...believable(description, facts.sha256),
    }))
    const result = await this.sql.query<FileRow>(
      `update files set state = f.state, problem = f.problem, unsafe = f.unsafe, sha256 = f.sha256,
         auto_v2 = f."autoV2", auto_v3 = f."autoV3", besides = f.besides, ${describedColumns},
         fingerprint = case when f.keep then files.fingerprint end, indexed_at = now()
       from jsonb_to_recordset($1::jsonb) as f(id uuid, fingerprint text, besides text, keep boolean,
         state text, problem text, unsafe boolean, sha256 text, "autoV2" text, "autoV3" text, ${describedRecord})
       where files.id = f.id and files.fingerprint = f.fingerprint returning ${qualified(fileColumns)}`,
      [JSON.stringify(rows)],
      { name: 'scan-settle' },
    )
    return result.rows
  }

  /** What is said of files whose bytes are known. Gives the rows. */
  async describe(files: readonly (DescribedFile & { sha256: string | null })[]): Promise<FileRow[]> {
    const rows = files.map(({ description, sha256, ...file }) => ({
      ...file,
      ...believable(description, sha256),
    }))
    const result = await this.sql.query<FileRow>(
      `update files set besides = f.besides, ${describedColumns}, indexed_at = now()
       from jsonb_to_recordset($1::jsonb) as f(id uuid, fingerprint text, besides text, ${describedRecord})
       where files.id = f.id and files.fingerprint = f.fingerprint returning ${qualified(fileColumns)}`,
      [JSON.stringify(rows)],
      { name: 'scan-describe' },
    )
    return result.rows
  }

  /** The hashes of files, to tell whether a sidecar is about them. */
  async hashesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const { rows } = await this.sql.query<{ id: string; sha256: string | null }>(
      'select id, sha256 from files where id = any($1::uuid[])',
      [ids],
      { name: 'scan-hashes' },
    )
    return new Map(rows.map(({ id, sha256 }) => [id, sha256]))
  }

  /** Files of folders that are no longer looked into. */
  async listStrays(roots: readonly string[]): Promise<string[]> {
    const { rows } = await this.sql.query<{ id: string }>(
      'select id from files where root <> all($1::text[])',
      [roots],
    )
    return rows.map(({ id }) => id)
  }

  /** A file under a new name is a new row with all that is known of the old one. */
  async move(id: string, to: { id: string; path: string }): Promise<{ before: FileRow[]; after: FileRow[] }> {
    const { folder, name } = modelFileOf(to.path)!
    const { rows: before } = await this.sql.query<FileRow>(
      `select ${fileColumns} from files where id = $1 for update`,
      [id],
    )
    // A scan has seen it first: what it has found stays.
    if (before.length === 0) return { before, after: [] }
    await this.sql.query('delete from files where id = $1', [to.id])
    const { rows: after } = await this.sql.query<FileRow>(
      `update files set id = $2, path = $3, folder = $4, name = $5, belongs_in = null, announced = false,
         besides = 'moved'
       where id = $1 returning ${fileColumns}`,
      [id, to.id, to.path, folder, name],
    )
    return { before, after }
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

/** A sidecar that names another hash is about another file. */
function believable(description: FileDescription, sha256: string | null): FileDescription {
  const { sidecarSha256 } = description
  if (sidecarSha256 === null || sha256 === null || sidecarSha256 === sha256) return description
  return { ...description, sidecarModelId: null, sidecarVersionId: null }
}
