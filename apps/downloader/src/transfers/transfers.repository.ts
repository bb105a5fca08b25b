import type { Database, SqlTransaction } from '@easel/database'

export type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

export type TransferRow = {
  id: string
  key: string
  url: string
  sealedUrl: string
  sealedToken: string | null
  sealedMirrors: string | null
  host: string
  folder: string
  filename: string | null
  expectedSha256: string | null
  status: string
  bytesDone: string
  bytesTotal: string | null
  expectedBytes: string | null
  etag: string | null
  lastModified: string | null
  sha256: string | null
  epoch: number
  machine: string | null
  machineBefore: string | null
}

export type NewTransfer = Pick<
  TransferRow,
  | 'id'
  | 'key'
  | 'url'
  | 'sealedUrl'
  | 'sealedToken'
  | 'sealedMirrors'
  | 'host'
  | 'folder'
  | 'filename'
  | 'expectedSha256'
> & { urlKey: string; priority: number; expectedBytes: number | null; approvalUrl: string | null }

/** How a transfer stands after those who want it have said what they want. */
export type Settled = { id: string; status: string; before: string }

/** A claim: who holds it may write, until another claims the transfer. */
export type Claim = { id: string; epoch: number }

export type Answer = {
  filename: string
  bytesTotal: number | null
  etag: string | null
  lastModified: string | null
  /** What of the partial file is of this answer. */
  kept: number
}

export const transferColumns = `
  id, key, url, sealed_url as "sealedUrl", sealed_token as "sealedToken",
  sealed_mirrors as "sealedMirrors", host, expected_bytes as "expectedBytes",
  folder, filename,
  expected_sha256 as "expectedSha256", status, bytes_done as "bytesDone", bytes_total as "bytesTotal", etag,
  last_modified as "lastModified", sha256, epoch, machine,
  machine_before as "machineBefore"`

const active = `status in ('queued', 'running', 'verifying', 'paused')`
/** Claimed, if not forgotten. */
export const running = `status in ('running', 'verifying')`
/** As the index by path has it. */
const told = `status in ('queued', 'running', 'verifying', 'paused', 'failed')`
const over = `(status in ('completed', 'canceled') or (status = 'failed' and bytes_done = 0))`
const notSetBack = `setbacks = 0, setback_since = null, setback_bytes = 0`
/** Of a change that a claim allows. */
export const mine = `id = $1 and epoch = $2 and ${running}`

export class TransfersRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Each of these says with `false` that the claim is no longer held. */
  async noteAttempt({ id, epoch }: Claim): Promise<boolean> {
    return await this.change(`attempts = attempts + 1`, [id, epoch])
  }

  /** Bytes will be written: what was verified before, if anything, is not whole from now on. */
  async noteAnswer({ id, epoch }: Claim, answer: Answer): Promise<boolean> {
    const { filename, bytesTotal, etag, lastModified, kept } = answer
    const assignments = `filename = $3, bytes_total = $4, etag = $5, last_modified = $6,
      bytes_done = least(bytes_done, $7), sha256 = null`
    return await this.change(assignments, [id, epoch, filename, bytesTotal, etag, lastModified, kept])
  }

  async noteProgress({ id, epoch }: Claim, bytesDone: number, bytesPerSecond: number): Promise<boolean> {
    // The column is an integer, and a resume may look like more for a moment.
    const assignments = 'bytes_done = $3, bytes_per_second = least($4::bigint, 2147483647)'
    return await this.change(assignments, [id, epoch, bytesDone, bytesPerSecond])
  }

  async noteVerifying({ id, epoch }: Claim, sha256: string, bytes: number): Promise<boolean> {
    return await this.change(
      `status = 'verifying', sha256 = $3, bytes_done = $4, bytes_total = $4, bytes_per_second = null`,
      [id, epoch, sha256, bytes],
    )
  }

  async complete({ id, epoch }: Claim): Promise<boolean> {
    return await this.change(
      `status = 'completed', finished_at = now(), lease_owner = null, lease_until = null, sealed_token = null,
         error_code = null, error_message = null`,
      [id, epoch],
    )
  }

  async fail(
    { id, epoch }: Claim,
    error: { code: string; message: string; keeps: boolean },
  ): Promise<boolean> {
    return await this.change(
      `status = 'failed', finished_at = now(), lease_owner = null, lease_until = null, error_code = $3,
         error_message = $4, bytes_done = case when $5 then bytes_done else 0 end, bytes_per_second = null`,
      [id, epoch, error.code, error.message, error.keeps],
    )
  }

  /** Hands it back: for another replica, or for later. */
  async release({ id, epoch }: Claim, waitMs: number): Promise<boolean> {
    return await this.change(
      `status = 'queued', lease_owner = null, lease_until = null, bytes_per_second = null,
         not_before = now() + $3 * interval '1 ms'`,
      [id, epoch, waitMs],
    )
  }

  /** How far a transfer got that was paused meanwhile. */
  async notePaused({ id, epoch }: Claim, bytesDone: number): Promise<void> {
    await this.sql.query(
      `update transfers set bytes_done = $3 where id = $1 and epoch = $2 and status = 'paused'`,
      [id, epoch, bytesDone],
    )
  }

  /** False where an equal one is under way. */
  async insert(transfer: NewTransfer): Promise<boolean> {
    const { rowCount } = await this.sql.query(
      `${insertColumns} on conflict (key) where ${active} do nothing`,
      insertValues(transfer),
    )
    return rowCount === 1
  }

  /** Its bytes were here already. */
  async insertCompleted(transfer: NewTransfer, present: { sha256: string; bytes: number }): Promise<void> {
    await this.sql.query(insertColumns, insertValues({ ...transfer, sealedToken: null }))
    await this.sql.query(
      `update transfers set status = 'completed', finished_at = now(), sha256 = $2, bytes_done = $3, bytes_total = $3
       where id = $1`,
      [transfer.id, present.sha256, present.bytes],
    )
  }

  /**
   * The transfer that equal requests share, locked: one that brings the same bytes into the same folder under the
   * same name, where names were asked for, or, without a hash, what is at the same address.
   */
  async lockActive(wanted: Sought): Promise<{ id: string } | undefined> {
    const { rows } = await this.sql.query<{ id: string }>(
      `select id from transfers
       where ${active} and (key = $5 or folder = $1 and expected_sha256 = $2
           and ($3::text is null or filename = $3) or $2::text is null and url_key = $4)
       order by created_at limit 1 for update`,
      [wanted.folder, wanted.expectedSha256, wanted.filename, wanted.urlKey, wanted.key],
    )
    return rows[0]
  }

  /** Of a download, all in one order, so that two who lock them do not wait for each other. */
  async lockOfDownload(downloadId: string): Promise<(Sought & { id: string; status: string })[]> {
    const { rows } = await this.sql.query<Sought & { id: string; status: string }>(
      `select id, status, key, folder, filename, expected_sha256 as "expectedSha256", url_key as "urlKey" from transfers
       where id in (select transfer_id from download_files where download_id = $1) order by id for update`,
      [downloadId],
    )
    return rows
  }

  async find(id: string): Promise<TransferRow | undefined> {
    const { rows } = await this.sql.query<TransferRow>(
      `select ${transferColumns} from transfers where id = $1`,
      [id],
    )
    return rows[0]
  }

  /** Puts it back into the queue, its past failure forgotten. */
  async requeue(id: string): Promise<void> {
    await this.sql.query(
      `update transfers set status = 'queued', not_before = now(), error_code = null, error_message = null,
         finished_at = null, lease_owner = null, lease_until = null, ${notSetBack} where id = $1`,
      [id],
    )
  }

  /**
   * Makes of transfers, which are locked, what those who want them say: waiting again, paused, or canceled when
   * nobody wants them any more; as urgent as for the most urgent of them. Gives those that are another way now.
   */
  async settle(ids: readonly string[]): Promise<Settled[]> {
    const { rows } = await this.sql.query<Settled>(
      `with wishes as (
         select f.transfer_id as id, count(*) filter (where d.wish = 'wanted') as wanted,
           count(*) filter (where d.wish = 'paused') as paused,
           max(d.priority) filter (where d.wish = 'wanted') as priority,
           (array_agg(d.created_by order by d.priority desc, d.created_at)
             filter (where d.wish = 'wanted'))[1] as wanted_by
         from download_files f join downloads d on d.id = f.download_id
         where f.transfer_id = any($1::uuid[]) group by f.transfer_id),
       next as (
         select t.id, t.status as before, w.priority, w.wanted_by,
           case when t.status = 'completed' then t.status
             when w.wanted > 0 then case t.status when 'paused' then 'queued' else t.status end
             when w.paused > 0 then case when t.${active} then 'paused' else t.status end
             else 'canceled' end as status
         from transfers t join wishes w on w.id = t.id)
       update transfers t set status = n.status, priority = coalesce(n.priority, t.priority),
         wanted_by = coalesce(n.wanted_by, t.wanted_by),
         lease_owner = case when n.status = n.before then t.lease_owner end,
         lease_until = case when n.status = n.before then t.lease_until end,
         bytes_per_second = case when n.status = n.before then t.bytes_per_second end,
         not_before = case when n.status = 'queued' and n.before = 'paused' then now() else t.not_before end,
         setbacks = case when n.status = 'queued' and n.before = 'paused' then 0 else t.setbacks end,
         setback_since = case when n.status = 'queued' and n.before = 'paused' then null else t.setback_since end,
         sealed_token = case when n.status <> 'canceled' then t.sealed_token end,
         finished_at = case when n.status = 'canceled' and n.before <> 'canceled' then now() else t.finished_at end
       from next n where n.id = t.id returning t.id, n.status, n.before`,
      [ids],
    )
    return rows.filter(({ status, before }) => status !== before)
  }

  /** What is under way, waits or has failed, newest first: by place below the models folder, or by hash. */
  async listByPaths(paths: readonly string[]): Promise<TransferAt[]> {
    const { rows } = await this.sql.query<TransferAt>(
      `select distinct on (asked) asked as path, status, bytes_done as "bytesDone",
         coalesce(bytes_total, expected_bytes) as "bytesTotal", coalesce(sha256, expected_sha256) as sha256
       from unnest($1::text[]) as asked cross join lateral (
         select * from transfers where folder || '/' || filename = asked and ${told}
         union all select * from transfers where expected_sha256 = lower(asked) and ${told}) t
       order by asked, status = 'failed', created_at desc`,
      [paths],
      { name: 'transfers-by-paths' },
    )
    return rows
  }

  /** Of these, those whose partial file nobody will need again. */
  async listOver(ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.sql.query<{ id: string }>(
      `select id from transfers where id = any($1::uuid[]) and ${over}`,
      [ids],
    )
    return rows.map(({ id }) => id)
  }

  /** Is it so still? It stays so until the transaction ends. */
  async lockOver(id: string): Promise<boolean> {
    const { rowCount } = await this.sql.query(`select from transfers where id = $1 and ${over} for update`, [
      id,
    ])
    return rowCount === 1
  }

  private async change(assignments: string, values: readonly unknown[]): Promise<boolean> {
    const { rowCount } = await this.sql.query(`update transfers set ${assignments} where ${mine}`, values)
    return rowCount === 1
  }
}

export type Sought = Pick<TransferRow, 'key' | 'folder' | 'filename' | 'expectedSha256'> & { urlKey: string }

export type TransferAt = {
  path: string
  status: string
  bytesDone: string
  bytesTotal: string | null
  sha256: string | null
}

const insertColumns = `
  insert into transfers (id, key, url_key, url, sealed_url, sealed_token, folder, filename, expected_sha256, priority,
    sealed_mirrors, host, expected_bytes, approval_url)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

function insertValues(transfer: NewTransfer): unknown[] {
  const { id, key, urlKey, url, sealedUrl, sealedToken, folder, filename, expectedSha256, priority } =
    transfer
  const { sealedMirrors, host, expectedBytes, approvalUrl } = transfer
  const first = [id, key, urlKey, url, sealedUrl, sealedToken, folder, filename, expectedSha256, priority]
  return [...first, sealedMirrors, host, expectedBytes, approvalUrl]
}
