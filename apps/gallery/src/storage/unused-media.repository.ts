import type { Sql } from '../sql.ts'

export type BlobEntry = { key: string; bytes: number }

const isUsed = `
  exists (select from asset a where a.blob = m.blob) or exists (select from thumbnail t where t.blob = m.blob)`

/** Contents on their way out. All but `sweep…` inside a transaction. */
export class UnusedMediaRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** One that seemed unused for so long. While it is locked, nothing can begin to refer to it. */
  async claim(graceMs: number): Promise<string | undefined> {
    const { rows } = await this.sql.query<{ blob: string }>(
      `select blob from media where unused_since <= now() - $1 * interval '1 millisecond'
       order by unused_since limit 1 for update skip locked`,
      [graceMs],
      { name: 'unused-claim' },
    )
    return rows[0]?.blob
  }

  /** Asked anew under the lock: by now something may refer to it. True when it is gone, with its thumbnails. */
  async remove(blob: string): Promise<boolean> {
    const { rowCount: kept } = await this.sql.query(
      `update media m set unused_since = null where blob = $1 and (${isUsed})`,
      [blob],
      { name: 'unused-keep' },
    )
    if (kept) return false
    await this.sql.query(
      `update media set unused_since = now() where blob in (select t.blob from thumbnail t where t.source = $1)`,
      [blob],
      { name: 'unused-thumbnails' },
    )
    await this.sql.query('delete from media where blob = $1', [blob], { name: 'unused-delete' })
    return true
  }

  /** Contents that nobody marked, because of a crash or a race: from now on they are unused. */
  async sweepMedia(): Promise<number> {
    const { rowCount } = await this.sql.query(
      `update media m set unused_since = now() where unused_since is null and not (${isUsed})`,
    )
    return rowCount ?? 0
  }

  /** Blobs that no row knows get one, as unused: they leave the way all others do. */
  async sweepBlobs(blobs: readonly BlobEntry[]): Promise<number> {
    const { rowCount } = await this.sql.query(
      `insert into media (blob, bytes, mime, state, unused_since)
       select key, bytes, 'application/octet-stream', 'none', now()
       from jsonb_to_recordset($1::jsonb) as g(key text, bytes bigint)
       on conflict (blob) do nothing`,
      [JSON.stringify(blobs)],
    )
    return rowCount ?? 0
  }

  async forgetDeleted(days: number): Promise<void> {
    await this.sql.query(`delete from deleted_asset where deleted_at < now() - $1 * interval '1 day'`, [days])
  }
}
