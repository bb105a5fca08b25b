import { mine, running, transferColumns } from './transfers.repository.ts'
import type { Claim, Sql, TransferRow } from './transfers.repository.ts'

/** How often, and for how long, a transfer may be set back in a row without getting further. */
export type Patience = { setbacks: number; ms: number }

export type Setback = { setbacks: number; sinceMs: number; tooMany: boolean }

export type PromisedRow = Claim & { status: string; bytesTotal: string | null }

/** An attempt that brought less did not get further. */
const further = `bytes_done > setback_bytes + 65536`
/** One more, or the first since it got further. */
const setBack = `
  setbacks = case when ${further} then 1 else setbacks + 1 end,
  setback_since = case when ${further} then clock_timestamp() else coalesce(setback_since, clock_timestamp()) end,
  setback_bytes = greatest(setback_bytes, bytes_done)`
/** A house that was off for days has lost nothing but time. */
const tooMuch = (setbacks: string, [most, ms]: readonly [string, string]) =>
  `(${setbacks} >= ${most}::int or ${setbacks} >= 5 and setback_since <= clock_timestamp() - ${ms}::float8 * interval '1 ms')`
/** What kills its replica again and again is not taken up at once: see `pauseMs`. */
const lapsed = `(${running} and lease_until <= clock_timestamp() - case when ${further} or setbacks < 2 then interval '0'
  else least(interval '1 hour', interval '1 minute' * power(2, least(setbacks, 10) - 2)) end)`

/** Who brings what, over all replicas: claims with leases, what was promised to them, and how often they were lost. */
export class ClaimsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /**
   * Takes what waits, and what a replica let go of by dying, as far as the limits over all replicas allow: of what
   * is most urgent, in turn from each person, so that nobody's many files are in the way of another's one; from one
   * server only so many at once; and never the same bytes twice at the same time.
   */
  async claim(owner: string, machine: string, leaseMs: number): Promise<TransferRow[]> {
    // Counting and taking must not overlap with another replica's.
    await this.sql.query(`select pg_advisory_xact_lock(hashtextextended('downloader-claim', 0))`)
    const { rows } = await this.sql.query<TransferRow>(
      `with busy as (
         select host, wanted_by, expected_sha256 from transfers
         where ${running} and lease_until > clock_timestamp()),
       waiting as (
         select id, priority, created_at, host, wanted_by,
           row_number() over (partition by wanted_by, priority order by created_at, id)
             + (select count(*) from busy where busy.wanted_by = t.wanted_by) as turn,
           (select max(claimed_at) from transfers l where l.wanted_by = t.wanted_by) as served,
           row_number() over (partition by coalesce(expected_sha256, id::text)
             order by priority desc, created_at, id) as copy
         from transfers t
         where ((status = 'queued' and not_before <= clock_timestamp())
             or ${lapsed})
           and not exists (select from busy where busy.expected_sha256 = t.expected_sha256)),
       ranked as (
         select *, row_number() over (partition by host order by priority desc, turn, served nulls first, created_at, id)
             + (select count(*) from busy where busy.host = waiting.host) as at_host
         from waiting where copy = 1),
       chosen as (
         select id from ranked
         where at_host <= coalesce((select max_connections_per_host from settings where id = 1), 64)
         order by priority desc, turn, served nulls first, created_at, id
         limit greatest(0, coalesce((select max_concurrent from settings where id = 1), 3)
           - (select count(*) from busy)))
       update transfers set status = 'running', lease_owner = $1, epoch = epoch + 1, claimed_at = clock_timestamp(), promised = false,
         setbacks = case when status = 'queued' then setbacks when ${further} then 1 else setbacks + 1 end,
         setback_since = case when status = 'queued' or (setback_since is not null and not ${further})
           then setback_since else clock_timestamp() end,
         setback_bytes = case when status = 'queued' then setback_bytes else greatest(setback_bytes, bytes_done) end,
         machine_before = machine, machine = $3, lease_until = clock_timestamp() + $2 * interval '1 ms'
       where id in (select t.id from transfers t join chosen using (id)
         where t.status = 'queued' or ${lapsed}
         for update of t skip locked)
       returning ${transferColumns}`,
      [owner, leaseMs, machine],
      { name: 'transfers-claim' },
    )
    return rows
  }

  /** Only one replica at a time counts what is promised, and promises more. */
  async lockPromises(): Promise<void> {
    await this.sql.query(`select pg_advisory_xact_lock(hashtextextended('downloader-promises', 0))`)
  }

  /** Transfers under way whose bytes have a place, but for this one. */
  async listPromised(exceptId: string | null): Promise<PromisedRow[]> {
    const { rows } = await this.sql.query<PromisedRow>(
      `select id, epoch, status, bytes_total as "bytesTotal" from transfers
       where ${running} and lease_until > clock_timestamp() and promised and id is distinct from $1`,
      [exceptId],
      { name: 'transfers-promised' },
    )
    return rows
  }

  async notePromised({ id, epoch }: Claim): Promise<boolean> {
    const { rowCount } = await this.sql.query(`update transfers set promised = true where ${mine}`, [
      id,
      epoch,
    ])
    return rowCount === 1
  }

  /** Ends what has lost its replica too often, or for too long, without getting further; gives the ids. */
  async giveUp({ setbacks, ms }: Patience): Promise<string[]> {
    const { rows } = await this.sql.query<{ id: string }>(
      `update transfers set status = 'failed', finished_at = now(), lease_owner = null, lease_until = null,
         bytes_per_second = null, error_code = 'TRANSFER_INTERRUPTED',
         error_message = 'The process that brought it ended ' || setbacks + 1 || ' times before it got further'
       where id in (select id from transfers where ${running} and lease_until <= clock_timestamp() and not ${further}
           and ${tooMuch('setbacks + 1', ['$1', '$2'])} for update skip locked)
       returning id`,
      [setbacks, ms],
      { name: 'transfers-give-up' },
    )
    return rows.map(({ id }) => id)
  }

  /** Its server asked for a pause. Undefined where the claim is no longer held. */
  async noteSetback({ id, epoch }: Claim, { setbacks, ms }: Patience): Promise<Setback | undefined> {
    const { rows } = await this.sql.query<Setback>(
      `update transfers set ${setBack} where ${mine} returning setbacks,
         ${tooMuch('setbacks', ['$3', '$4'])} as "tooMany",
         (extract(epoch from clock_timestamp() - setback_since) * 1000)::float8 as "sinceMs"`,
      [id, epoch, setbacks, ms],
    )
    return rows[0]
  }

  /** Replicas that bring files now. */
  async countOwners(): Promise<number> {
    const { rows } = await this.sql.query<{ owners: number }>(
      `select count(distinct lease_owner)::int as owners from transfers
       where ${running} and lease_until > clock_timestamp()`,
      [],
      { name: 'transfers-owners' },
    )
    return rows[0]?.owners ?? 0
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
}
