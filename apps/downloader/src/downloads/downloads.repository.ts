import type { Database, SqlTransaction } from '@easel/database'
import type { DownloadRow } from './download-view.ts'

type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

export type NewDownload = {
  id: string
  spaceId: string
  createdBy: string
  source: string
  url: string
  title: string | null
  modelId: string | null
  versionId: string | null
  priority: number
  files: readonly { transferId: string; reused: boolean }[]
}

export type DownloadFilter = {
  /** `null` is every space. */
  spaces: readonly string[] | null
  statuses: readonly string[] | null
  /** Part of the title or of a file's name. */
  text: string | null
  source: string | null
  after: { createdAt: string; id: string } | undefined
  limit: number
}

/** Of a download that is so, at least one transfer is one of these: there are few of them beside all that ever were. */
const signs: Readonly<Record<string, readonly string[]>> = {
  queued: ['queued', 'paused'],
  running: ['running'],
  verifying: ['verifying'],
  paused: ['queued', 'running', 'verifying', 'paused'],
  failed: ['failed', 'canceled'],
}

/**
 * A person's own word goes first, until all is over. It is over when no file is under way; failed when one of the
 * files is not there then.
 */
const status = `
  case when d.wish = 'canceled' then 'canceled'
    when s.open = 0 then case when s.completed = s.files then 'completed' else 'failed' end
    when d.wish = 'paused' then 'paused'
    when s.running > 0 then 'running'
    when s.verifying > 0 then 'verifying' else 'queued' end`

const sums = `
  cross join lateral (
    select count(*) as files,
      count(*) filter (where t.status in ('queued', 'running', 'verifying', 'paused')) as open,
      count(*) filter (where t.status = 'running') as running,
      count(*) filter (where t.status = 'verifying') as verifying,
      count(*) filter (where t.status = 'completed') as completed,
      max(t.finished_at) as finished_at,
      min(t.url) as url
    from download_files f join transfers t on t.id = f.transfer_id where f.download_id = d.id) s`

const files = `
  (select coalesce(jsonb_agg(jsonb_build_object(
      'transferId', f.transfer_id, 'position', f.position, 'reused', f.reused, 'status', t.status,
      'folder', t.folder, 'filename', t.filename, 'expectedSha256', t.expected_sha256, 'sha256', t.sha256,
      'bytesDone', t.bytes_done, 'bytesTotal', t.bytes_total, 'expectedBytes', t.expected_bytes,
      'bytesPerSecond', t.bytes_per_second, 'attempts', t.attempts, 'errorCode', t.error_code,
      'errorMessage', t.error_message, 'approvalUrl', t.approval_url) order by f.position), '[]')
    from download_files f join transfers t on t.id = f.transfer_id where f.download_id = d.id)`

const select = `
  select d.id, d.space_id as "spaceId", d.created_by as "createdBy", d.priority, d.created_at as "createdAt",
    d.source, coalesce(d.url, s.url) as url, d.title, d.model_id as "modelId", d.version_id as "versionId",
    d.wish, ${status} as status,
    coalesce(d.canceled_at, case when s.open = 0 then s.finished_at end) as "finishedAt", ${files} as files
  from downloads d ${sums}`

export class DownloadsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async find(id: string): Promise<DownloadRow | undefined> {
    return (await this.listOf([id]))[0]
  }

  async listOf(ids: readonly string[]): Promise<DownloadRow[]> {
    const { rows } = await this.sql.query<DownloadRow>(
      `${select} where d.id = any($1::uuid[]) order by d.created_at, d.id`,
      [ids],
      { name: 'downloads-of' },
    )
    return rows
  }

  async list({ spaces, statuses, text, source, after, limit }: DownloadFilter): Promise<DownloadRow[]> {
    const known = statuses?.every((each) => signs[each]) ? statuses.flatMap((each) => signs[each]!) : null
    const { rows } = await this.sql.query<DownloadRow>(
      `${select}
       where ($1::uuid[] is null or d.space_id = any($1))
         and ($2::text[] is null or ${status} = any($2))
         and ($8::text[] is null or d.id in (select f.download_id from download_files f
           join transfers t on t.id = f.transfer_id where t.status = any($8)))
         and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4::uuid))
         and ($6::text is null or d.source = $6)
         and ($7::text is null or strpos(lower(d.title), lower($7)) > 0 or exists (
           select from download_files f join transfers t on t.id = f.transfer_id
           where f.download_id = d.id and strpos(lower(t.filename), lower($7)) > 0))
       order by d.created_at desc, d.id desc limit $5`,
      [spaces, statuses, after?.createdAt ?? null, after?.id ?? null, limit, source, text, known],
      { name: 'downloads-list' },
    )
    return rows
  }

  /** Newest first, of a space, those that are so. */
  async listIds(spaceId: string, statuses: readonly string[], limit: number): Promise<string[]> {
    const { rows } = await this.sql.query<{ id: string }>(
      `select d.id from downloads d ${sums} where d.space_id = $1 and ${status} = any($2::text[])
       order by d.created_at desc, d.id desc limit $3`,
      [spaceId, statuses, limit],
    )
    return rows.map(({ id }) => id)
  }

  /** Of a person, in all spaces, what is not over. */
  async listUnfinishedOf(userId: string): Promise<{ id: string; spaceId: string }[]> {
    const { rows } = await this.sql.query<{ id: string; spaceId: string }>(
      `select d.id, d.space_id as "spaceId" from downloads d ${sums}
       where d.created_by = $1 and d.wish <> 'canceled' and s.open > 0 order by d.created_at, d.id`,
      [userId],
    )
    return rows
  }

  /** Those that still want one of the transfers, or at least its file. */
  async listOfTransfers(transferIds: readonly string[]): Promise<DownloadRow[]> {
    const { rows } = await this.sql.query<DownloadRow>(
      `${select} where d.wish <> 'canceled'
         and d.id in (select download_id from download_files where transfer_id = any($1::uuid[]))
       order by d.created_at, d.id`,
      [transferIds],
      { name: 'downloads-of-transfers' },
    )
    return rows
  }

  /** As `listOfTransfers`, but nobody else sees them end at the same time. */
  async lockOfTransfer(transferId: string): Promise<DownloadRow[]> {
    const { rows } = await this.sql.query<{ id: string }>(
      `select id from downloads where wish <> 'canceled'
         and id in (select download_id from download_files where transfer_id = $1) order by id for update`,
      [transferId],
      { name: 'downloads-lock-of-transfer' },
    )
    return await this.listOf(rows.map(({ id }) => id))
  }

  async insert({ files: wanted, ...download }: NewDownload): Promise<void> {
    const { id, spaceId, createdBy, source, url, title, modelId, versionId, priority } = download
    const first = wanted[0]!.transferId
    await this.sql.query(
      `insert into downloads (id, transfer_id, space_id, created_by, source, url, title, model_id, version_id,
         priority)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [id, first, spaceId, createdBy, source, url, title, modelId, versionId, priority],
    )
    const rows = wanted.map(({ transferId, reused }, position) => ({ transferId, reused, position }))
    await this.sql.query(
      `insert into download_files (download_id, position, transfer_id, reused)
       select $1, "position", "transferId", "reused"
       from jsonb_to_recordset($2::jsonb) as w("transferId" uuid, "position" int, "reused" boolean)
       on conflict (download_id, position) do update set reused = excluded.reused`,
      [id, JSON.stringify(rows)],
    )
  }

  async wish(id: string, wish: 'wanted' | 'paused' | 'canceled'): Promise<void> {
    await this.sql.query(
      `update downloads set wish = $2, canceled_at = case when $2 = 'canceled' then now() end where id = $1`,
      [id, wish],
    )
  }

  async setPriority(id: string, priority: number): Promise<void> {
    await this.sql.query('update downloads set priority = $2 where id = $1', [id, priority])
  }

  /** Lets another transfer bring a file. */
  async move(id: string, from: string, to: string): Promise<void> {
    await this.sql.query(
      'update download_files set transfer_id = $3 where download_id = $1 and transfer_id = $2',
      [id, from, to],
    )
    await this.sql.query('update downloads set transfer_id = $3 where id = $1 and transfer_id = $2', [
      id,
      from,
      to,
    ])
  }

  /** The transfer found its bytes here. */
  async noteReused(transferId: string): Promise<void> {
    await this.sql.query('update download_files set reused = true where transfer_id = $1', [transferId])
  }
}
