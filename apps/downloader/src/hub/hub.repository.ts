import type { Database, SqlTransaction } from '@easel/database'

type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

export type ContentState = 'present' | 'evicted' | 'bad' | 'lost'

export type ContentRow = {
  sha256: string
  bytes: string
  state: ContentState
  external: boolean
  shared: boolean
  pinned: boolean
  usedAt: Date
  verifiedAt: Date | null
  createdAt: Date
  paths: string[]
}

export type HubSums = {
  files: number
  bytes: number
  bytesLinked: number
  bad: number
  verifiedAt: Date | null
  verifying: boolean
}

export type NewContent = { sha256: string; bytes: number; external?: boolean; verified: boolean }
export type NewName = { path: string; sha256: string; transferId?: string | null }

const select = `
  select c.sha256, c.bytes, c.state, c.external, c.shared, c.pinned, c.used_at as "usedAt",
    c.verified_at as "verifiedAt", c.created_at as "createdAt",
    array(select n.path from hub_names n where n.sha256 = c.sha256 order by n.path) as paths
  from hub_contents c`

const inUse = `exists (select from hub_leases l where l.sha256 = c.sha256 and l.until > now())`
/** Bytes of ours, which nobody needs now. Of \`$1\`: milliseconds since its last use. */
const evictable = `
  c.state = 'present' and not c.external and not c.pinned and c.used_at < now() - $1 * interval '1 ms' and not ${inUse}`

export class HubRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** In a transaction: whoever changes files and rows of a content does it alone, on any replica. */
  async lock(sha256: string): Promise<void> {
    await this.sql.query(`select pg_advisory_xact_lock(hashtextextended('hub ' || $1, 0))`, [sha256])
  }

  async find(sha256: string): Promise<ContentRow | undefined> {
    const { rows } = await this.sql.query<ContentRow>(`${select} where c.sha256 = $1`, [sha256], {
      name: 'hub-content',
    })
    return rows[0]
  }

  async findMany(sha256: readonly string[]): Promise<ContentRow[]> {
    const { rows } = await this.sql.query<ContentRow>(`${select} where c.sha256 = any($1)`, [sha256])
    return rows
  }

  async list(page: {
    state: ContentState | null
    after: { createdAt: string; sha256: string } | undefined
    limit: number
  }): Promise<ContentRow[]> {
    const { state, after, limit } = page
    const { rows } = await this.sql.query<ContentRow>(
      `${select}
       where ($1::text is null or c.state = $1)
         and ($2::timestamptz is null or (c.created_at, c.sha256) < ($2, $3))
       order by c.created_at desc, c.sha256 desc limit $4`,
      [state, after?.createdAt ?? null, after?.sha256 ?? null, limit],
    )
    return rows
  }

  async sums(): Promise<HubSums> {
    const { rows } = await this.sql.query<Record<string, string | null> & { verifying: boolean }>(
      `select count(*) filter (where state = 'present') as files,
         coalesce(sum(bytes) filter (where state = 'present' and not external), 0) as bytes,
         coalesce(sum(bytes * (select count(*) from hub_names n where n.sha256 = c.sha256))
           filter (where state = 'present'), 0) as linked,
         count(*) filter (where state = 'bad') as bad,
         min(verified_at) filter (where state = 'present') as oldest,
         coalesce(bool_or(verify_asked_at > coalesce(verified_at, '-infinity') and state = 'present'), false)
           as verifying
       from hub_contents c`,
    )
    const { files, bytes, linked, bad, oldest, verifying } = rows[0]!
    const verifiedAt = (oldest as unknown as Date | null) ?? null
    const sums = { files: Number(files), bytes: Number(bytes), bytesLinked: Number(linked), bad: Number(bad) }
    return { ...sums, verifiedAt, verifying }
  }

  /** Its bytes are there; a row of before is brought up to date. */
  async putContent({ sha256, bytes, external = false, verified }: NewContent): Promise<void> {
    await this.sql.query(
      `insert into hub_contents as c (sha256, bytes, external, verified_at)
       values ($1, $2, $3, case when $4 then now() end)
       on conflict (sha256) do update set bytes = $2, external = $3, state = 'present', used_at = now(),
         verified_at = case when $4 then now() when c.state = 'present' then c.verified_at end`,
      [sha256, bytes, external, verified],
    )
  }

  async setState(sha256: string, state: ContentState): Promise<void> {
    await this.sql.query(`update hub_contents set state = $2, verify_until = null where sha256 = $1`, [
      sha256,
      state,
    ])
  }

  async setShared(sha256: string, shared: boolean): Promise<void> {
    await this.sql.query(`update hub_contents set shared = $2 where sha256 = $1`, [sha256, shared])
  }

  async setPinned(sha256: string, pinned: boolean): Promise<boolean> {
    const { rowCount } = await this.sql.query(`update hub_contents set pinned = $2 where sha256 = $1`, [
      sha256,
      pinned,
    ])
    return rowCount === 1
  }

  async touch(sha256: readonly string[]): Promise<void> {
    await this.sql.query(`update hub_contents set used_at = now() where sha256 = any($1)`, [sha256])
  }

  async findName(path: string): Promise<{ sha256: string; state: ContentState } | undefined> {
    const { rows } = await this.sql.query<{ sha256: string; state: ContentState }>(
      `select n.sha256, c.state from hub_names n join hub_contents c using (sha256) where n.path = $1`,
      [path],
    )
    return rows[0]
  }

  /**
   * The link is there already: what the row said before was of something that is gone. A name that is given once more,
   * by another, is nobody's to take back.
   */
  async putName({ path, sha256, transferId = null }: NewName): Promise<void> {
    await this.sql.query(
      `insert into hub_names as n (path, name, sha256, transfer_id)
       values ($1, substr($1, strpos($1, '/') + 1), $2, $3)
       on conflict (path) do update set sha256 = $2,
         transfer_id = case when n.sha256 <> $2 or n.transfer_id = $3 then $3::uuid end`,
      [path, sha256, transferId],
    )
  }

  async removeName(path: string, sha256: string): Promise<void> {
    await this.sql.query(`delete from hub_names where path = $1 and sha256 = $2`, [path, sha256])
  }

  /** Names that this transfer brought, and nobody before or after it. */
  async namesOf(transferId: string, sha256: string): Promise<string[]> {
    const { rows } = await this.sql.query<{ path: string }>(
      `select path from hub_names where transfer_id = $1 and sha256 = $2`,
      [transferId, sha256],
    )
    return rows.map(({ path }) => path)
  }

  async used(): Promise<number> {
    const { rows } = await this.sql.query<{ bytes: string }>(
      `select coalesce(sum(bytes), 0) as bytes from hub_contents where state = 'present' and not external`,
    )
    return Number(rows[0]!.bytes)
  }

  async evictableBytes(recentMs: number): Promise<number> {
    const { rows } = await this.sql.query<{ bytes: string }>(
      `select coalesce(sum(c.bytes), 0) as bytes from hub_contents c where ${evictable}`,
      [recentMs],
    )
    return Number(rows[0]!.bytes)
  }

  /** The content that was used longest ago. With `namelessMs`: of those that have had no name for so long. */
  async nextVictim(recentMs: number, namelessMs?: number): Promise<string | undefined> {
    const { rows } = await this.sql.query<{ sha256: string }>(
      `select c.sha256 from hub_contents c where ${evictable}
         and ($2::bigint is null or (c.used_at < now() - $2 * interval '1 ms'
           and not exists (select from hub_names n where n.sha256 = c.sha256)))
       order by c.used_at, c.sha256 limit 1`,
      [recentMs, namelessMs ?? null],
    )
    return rows[0]?.sha256
  }

  /** Fenced: false when it has come into use meanwhile. */
  async markEvicted(sha256: string, recentMs: number): Promise<boolean> {
    const { rowCount } = await this.sql.query(
      `update hub_contents c set state = 'evicted' where c.sha256 = $2 and ${evictable}`,
      [recentMs, sha256],
    )
    return rowCount === 1
  }

  async isInUse(sha256: string): Promise<boolean> {
    const { rows } = await this.sql.query<{ used: boolean }>(
      `select ${inUse} as used from hub_contents c where c.sha256 = $1`,
      [sha256],
    )
    return rows[0]?.used ?? false
  }

  async lease(holder: string, sha256: readonly string[], forMs: number): Promise<void> {
    await this.sql.query(
      `insert into hub_leases as l (holder, sha256, until)
       select $1, sha256, now() + $3 * interval '1 ms' from hub_contents where sha256 = any($2)
       on conflict (holder, sha256) do update set until = greatest(l.until, excluded.until)`,
      [holder, sha256, forMs],
    )
  }

  /** By what graphs call them: any content that has such a name. */
  async leaseNames(holder: string, names: readonly string[], forMs: number): Promise<void> {
    await this.sql.query(
      `with held as (
         insert into hub_leases as l (holder, sha256, until)
         select distinct $1, sha256, now() + $3 * interval '1 ms' from hub_names where name = any($2)
         on conflict (holder, sha256) do update set until = greatest(l.until, excluded.until) returning sha256)
       update hub_contents set used_at = now() where sha256 in (select sha256 from held)`,
      [holder, names, forMs],
      { name: 'hub-lease-names' },
    )
  }

  async release(holder: string): Promise<void> {
    await this.sql.query(`delete from hub_leases where holder = $1`, [holder], { name: 'hub-release' })
  }

  async removeExpiredLeases(): Promise<void> {
    await this.sql.query(`delete from hub_leases where until < now()`)
  }

  /** Asks for a check of these, or of all. */
  async askVerify(sha256: readonly string[] | null): Promise<void> {
    await this.sql.query(
      `update hub_contents set verify_asked_at = now()
       where state = 'present' and ($1::text[] is null or sha256 = any($1))`,
      [sha256],
    )
  }

  /** Asked-for ones first, then those not verified for the longest; `olderMs` is how old a check may be. */
  async claimVerify(
    olderMs: number,
    leaseMs: number,
  ): Promise<{ sha256: string; asked: boolean } | undefined> {
    const { rows } = await this.sql.query<{ sha256: string; asked: boolean }>(
      `update hub_contents set verify_until = now() + $2 * interval '1 ms'
       where sha256 = (
         select sha256 from hub_contents
         where state = 'present' and (verify_until is null or verify_until < now())
           and (verify_asked_at > coalesce(verified_at, '-infinity')
             or coalesce(verified_at, created_at) < now() - $1 * interval '1 ms')
         order by (verify_asked_at > coalesce(verified_at, '-infinity')) is true desc, verified_at nulls first, sha256
         limit 1 for update skip locked)
       returning sha256, (verify_asked_at > coalesce(verified_at, '-infinity')) is true as asked`,
      [olderMs, leaseMs],
    )
    return rows[0]
  }

  async noteVerified(sha256: string): Promise<void> {
    await this.sql.query(
      `update hub_contents set verified_at = now(), verify_until = null where sha256 = $1 and state = 'present'`,
      [sha256],
    )
  }

  async releaseVerify(sha256: string): Promise<void> {
    await this.sql.query(`update hub_contents set verify_until = null where sha256 = $1`, [sha256])
  }

  /** For walks over all of them, in the order of their hash. */
  async after(sha256: string, limit: number): Promise<ContentRow[]> {
    const { rows } = await this.sql.query<ContentRow>(
      `${select} where c.sha256 > $1 order by c.sha256 limit $2`,
      [sha256, limit],
    )
    return rows
  }

  async unshared(limit: number): Promise<string[]> {
    const { rows } = await this.sql.query<{ sha256: string }>(
      `select sha256 from hub_contents where state = 'present' and not shared order by sha256 limit $1`,
      [limit],
    )
    return rows.map((row) => row.sha256)
  }
}
