import type { Database, SqlTransaction } from '@easel/database'

export type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

export type TransferRow = {
  id: string
  key: string
  url: string
  sealedUrl: string
  sealedToken: string | null
  folder: string
  filename: string | null
  expectedSha256: string | null
  status: string
  bytesDone: string
  bytesTotal: string | null
  etag: string | null
  lastModified: string | null
  sha256: string | null
  epoch: number
  machine: string | null
  machineBefore: string | null
}

export type NewTransfer = Pick<
  TransferRow,
  'id' | 'key' | 'url' | 'sealedUrl' | 'sealedToken' | 'folder' | 'filename' | 'expectedSha256'
> & { urlKey: string; priority: number }

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

const columns = `
  id, key, url, sealed_url as "sealedUrl", sealed_token as "sealedToken", folder, filename,
  expected_sha256 as "expectedSha256", status, bytes_done as "bytesDone", bytes_total as "bytesTotal", etag,
  last_modified as "lastModified", sha256, epoch, machine,
  machine_before as "machineBefore"`

const active = `status in ('queued', 'running', 'verifying', 'paused')`
const running = `status in ('running', 'verifying')`
const mine = `id = $1 and epoch = $2 and ${running}`

export class TransfersRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Takes what waits, and what a replica let go of by dying, as far as the limit over all replicas allows. */
  async claim(owner: string, machine: string, leaseMs: number): Promise<TransferRow[]> {
    // Counting and taking must not overlap with another replica's.
    await this.sql.query(`select pg_advisory_xact_lock(hashtextextended('downloader-claim', 0))`)
    const { rows } = await this.sql.query<TransferRow>(
      `update transfers set status = 'running', lease_owner = $1, epoch = epoch + 1,
         machine_before = machine, machine = $3, lease_until = clock_timestamp() + $2 * interval '1 ms'
       where id in (
         select id from transfers
         where (status = 'queued' and not_before <= clock_timestamp())
           or (${running} and lease_until <= clock_timestamp())
         order by priority desc, created_at, id
         limit greatest(0, coalesce((select max_concurrent from settings where id = 1), 3)
           - (select count(*) from transfers where ${running} and lease_until > clock_timestamp()))
         for update skip locked)
       returning ${columns}`,
      [owner, leaseMs, machine],
      { name: 'transfers-claim' },
    )
    return rows
  }

  /** Gives the ids that are still the owner's. */
  async renew(owner: string, claims: readonly Claim[], leaseMs: number): Promise<Set<string>> {
    const { rows } = await this.sql.query<{ id: string }>(
      `update transfers set lease_until = clock_timestamp() + $3 * interval '1 ms'
       from jsonb_to_recordset($2::jsonb) as c("claimed" uuid, "at" int)
       where id = claimed and epoch = at and lease_owner = $1 and ${running} returning id`,
      [owner, JSON.stringify(claims.map(({ id, epoch }) => ({ claimed: id, at: epoch }))), leaseMs],
      { name: 'transfers-renew' },
    )
    return new Set(rows.map(({ id }) => id))
  }

  /** Each of these says with `false` that the claim is no longer held. */
  async noteAttempt({ id, epoch }: Claim): Promise<boolean> {
    return await this.change(`attempts = attempts + 1`, [id, epoch])
  }

  async noteAnswer({ id, epoch }: Claim, answer: Answer): Promise<boolean> {
    const { filename, bytesTotal, etag, lastModified, kept } = answer
    const assignments = `filename = $3, bytes_total = $4, etag = $5, last_modified = $6,
      bytes_done = least(bytes_done, $7)`
    return await this.change(assignments, [id, epoch, filename, bytesTotal, etag, lastModified, kept])
  }

  async noteProgress({ id, epoch }: Claim, bytesDone: number, bytesPerSecond: number): Promise<boolean> {
    return await this.change('bytes_done = $3, bytes_per_second = $4', [id, epoch, bytesDone, bytesPerSecond])
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

  /** Undefined where an equal one is under way. */
  async insert(transfer: NewTransfer): Promise<boolean> {
    const { id, key, urlKey, url, sealedUrl, sealedToken, folder, filename, expectedSha256, priority } =
      transfer
    const { rowCount } = await this.sql.query(
      `insert into transfers (id, key, url_key, url, sealed_url, sealed_token, folder, filename,
         expected_sha256, priority)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (key) where ${active} do nothing`,
      [id, key, urlKey, url, sealedUrl, sealedToken, folder, filename, expectedSha256, priority],
    )
    return rowCount === 1
  }

  /** The transfer that equal requests share, locked. A request without a hash joins by its URL too. */
  async lockActive(key: string, urlKey: string | null): Promise<{ id: string; status: string } | undefined> {
    const { rows } = await this.sql.query<{ id: string; status: string }>(
      `select id, status from transfers where (key = $1 or url_key = $2) and ${active}
       order by created_at limit 1 for update`,
      [key, urlKey],
    )
    return rows[0]
  }

  async lock(id: string): Promise<{ status: string; key: string; priority: number } | undefined> {
    const { rows } = await this.sql.query<{ status: string; key: string; priority: number }>(
      'select status, key, priority from transfers where id = $1 for update',
      [id],
    )
    return rows[0]
  }

  async find(id: string): Promise<TransferRow | undefined> {
    const { rows } = await this.sql.query<TransferRow>(`select ${columns} from transfers where id = $1`, [id])
    return rows[0]
  }

  /** Puts it back into the queue, its past failure forgotten. */
  async requeue(id: string): Promise<void> {
    await this.sql.query(
      `update transfers set status = 'queued', not_before = now(), error_code = null, error_message = null,
         finished_at = null, lease_owner = null, lease_until = null where id = $1`,
      [id],
    )
  }

  /** Takes it out of the queue or away from the replica that runs it. */
  async end(id: string, status: 'paused' | 'canceled'): Promise<void> {
    await this.sql.query(
      `update transfers set status = $2, lease_owner = null, lease_until = null, bytes_per_second = null,
         sealed_token = case when $2 = 'paused' then sealed_token end,
         finished_at = case when $2 = 'canceled' then now() end where id = $1`,
      [id, status],
    )
  }

  async setPriority(id: string): Promise<void> {
    await this.sql.query(
      `update transfers set priority = coalesce(
         (select max(priority) from downloads where transfer_id = $1 and wish = 'wanted'), priority) where id = $1`,
      [id],
    )
  }

  /** Of these, those whose partial file nobody will need again. */
  async listOver(ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.sql.query<{ id: string }>(
      `select id from transfers where id = any($1::uuid[]) and (status in ('completed', 'canceled') or (status = 'failed' and bytes_done = 0))`,
      [ids],
    )
    return rows.map(({ id }) => id)
  }

  private async change(assignments: string, values: readonly unknown[]): Promise<boolean> {
    const { rowCount } = await this.sql.query(`update transfers set ${assignments} where ${mine}`, values)
    return rowCount === 1
  }
}
