import type { Database, SqlTransaction } from '@easel/database'
import type { DownloadRow } from './download-view.ts'

type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

export type NewDownload = {
  id: string
  transferId: string
  spaceId: string
  createdBy: string
  url: string
  priority: number
}

export type DownloadFilter = {
  /** `null` is every space. */
  spaces: readonly string[] | null
  statuses: readonly string[] | null
  after: { createdAt: string; id: string } | undefined
  limit: number
}

/** A person's own word goes before the transfer's, until that is over. */
const status = `
  case when d.wish = 'canceled' then 'canceled'
    when t.status in ('completed', 'failed') then t.status
    when d.wish = 'paused' then 'paused' else t.status end`

const select = `
  select d.id, d.transfer_id as "transferId", d.space_id as "spaceId", d.created_by as "createdBy", d.priority,
    d.created_at as "createdAt", coalesce(d.url, t.url) as url, t.folder, t.filename, ${status} as status, t.status as "transferStatus",
    t.expected_sha256 as "expectedSha256", t.sha256, t.bytes_done as "bytesDone", t.bytes_total as "bytesTotal",
    t.bytes_per_second as "bytesPerSecond", t.attempts, t.error_code as "errorCode",
    t.error_message as "errorMessage", coalesce(d.canceled_at, t.finished_at) as "finishedAt"
  from downloads d join transfers t on t.id = d.transfer_id`

export class DownloadsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async find(id: string): Promise<DownloadRow | undefined> {
    const { rows } = await this.sql.query<DownloadRow>(`${select} where d.id = $1`, [id], {
      name: 'download',
    })
    return rows[0]
  }

  async list({ spaces, statuses, after, limit }: DownloadFilter): Promise<DownloadRow[]> {
    const { rows } = await this.sql.query<DownloadRow>(
      `${select}
       where ($1::uuid[] is null or d.space_id = any($1)) and ($2::text[] is null or ${status} = any($2))
         and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4::uuid))
       order by d.created_at desc, d.id desc limit $5`,
      [spaces, statuses, after?.createdAt ?? null, after?.id ?? null, limit],
      { name: 'downloads-list' },
    )
    return rows
  }

  /** Those that still want the transfer, or at least its file. */
  async listOfTransfer(transferId: string): Promise<DownloadRow[]> {
    const { rows } = await this.sql.query<DownloadRow>(
      `${select} where d.transfer_id = $1 and d.wish <> 'canceled' order by d.created_at, d.id`,
      [transferId],
      { name: 'downloads-of-transfer' },
    )
    return rows
  }

  async insert({ id, transferId, spaceId, createdBy, url, priority }: NewDownload): Promise<void> {
    await this.sql.query(
      'insert into downloads (id, transfer_id, space_id, created_by, url, priority) values ($1, $2, $3, $4, $5, $6)',
      [id, transferId, spaceId, createdBy, url, priority],
    )
  }

  async wish(id: string, wish: 'wanted' | 'paused' | 'canceled'): Promise<void> {
    await this.sql.query(
      `update downloads set wish = $2, canceled_at = case when $2 = 'canceled' then now() end where id = $1`,
      [id, wish],
    )
  }

  async countWishes(transferId: string): Promise<{ wanted: number; paused: number }> {
    const { rows } = await this.sql.query<{ wanted: number; paused: number }>(
      `select (count(*) filter (where wish = 'wanted'))::int as wanted,
         (count(*) filter (where wish = 'paused'))::int as paused
       from downloads where transfer_id = $1`,
      [transferId],
    )
    return rows[0] ?? { wanted: 0, paused: 0 }
  }

  async move(id: string, transferId: string): Promise<void> {
    await this.sql.query('update downloads set transfer_id = $2 where id = $1', [id, transferId])
  }
}
