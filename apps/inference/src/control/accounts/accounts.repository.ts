import type { Sql } from '../sql.ts'
import type { Period } from './periods.ts'
import type { AccountKey, UsageChange } from './settlement.ts'

/** A row of usage. */
export type Usage = AccountKey & Period & Omit<UsageChange, keyof AccountKey | keyof Period>

export type Reservation = { spaceId: string; userId: string; seconds: number; micros: number }

/** Most of the jobs that may be open; null: any number. */
export type OpenLimits = { spaceId: string; userId: string; ofSpace: number | null; ofUser: number | null }

export type OpenCounts = { ofSpace: number; ofUser: number }

export type Drift = AccountKey & Period & { seconds: number; micros: number }

const columns = `scope, subject, period, to_char(starts_on, 'YYYY-MM-DD') as "startsOn",
  gpu_seconds as "gpuSeconds", cost_micros::float8 as "costMicros", reserved_seconds as "reservedSeconds",
  reserved_micros::float8 as "reservedMicros", jobs`

const key = 'scope, subject, period, starts_on'
/** Not by the status: the planner must not take these indexes for those of the queue. */
const isOpen = `finished_at is null`
/** What sums of fractions leave behind is nothing. */
const left = (sum: string) => `case when ${sum} < 1e-6 then 0 else ${sum} end`

/** The rows are locked in the order of their keys, as by `settle`, until the transaction ends. */
const reserve = `
  insert into usage_totals as t (${key}, reserved_seconds, reserved_micros)
  select a.scope, a.subject, p.period, date_trunc(p.period, now()::timestamptz(3) at time zone 'UTC')::date,
    $3::float8, $4::int8
  from (values ('space', $1::uuid), ('user', $2::uuid)) as a(scope, subject), (values ('day'), ('month')) as p(period)
  order by 1, 2, 3, 4
  on conflict (${key}) do update set reserved_seconds = t.reserved_seconds + excluded.reserved_seconds,
    reserved_micros = t.reserved_micros + excluded.reserved_micros
  returning ${columns}`

const settle = `
  insert into usage_totals as t (${key}, gpu_seconds, cost_micros, reserved_seconds, reserved_micros, jobs)
  select scope, subject, period, "startsOn", "gpuSeconds", "costMicros", "reservedSeconds", "reservedMicros", jobs
  from jsonb_to_recordset($1::jsonb) as c(scope text, subject uuid, period text, "startsOn" date,
    "gpuSeconds" float8, "costMicros" int8, "reservedSeconds" float8, "reservedMicros" int8, jobs int)
  order by 1, 2, 3, 4
  on conflict (${key}) do update set gpu_seconds = t.gpu_seconds + excluded.gpu_seconds,
    cost_micros = t.cost_micros + excluded.cost_micros,
    reserved_seconds = ${left('t.reserved_seconds + excluded.reserved_seconds')},
    reserved_micros = greatest(0, t.reserved_micros + excluded.reserved_micros), jobs = t.jobs + excluded.jobs`

/** By what the open jobs say, of this month and the one before. */
const reservedNow = `
  select a.scope, a.subject, p.period, date_trunc(p.period, j.created_at at time zone 'UTC')::date as starts_on,
    sum(j.reserved_seconds) as seconds, sum(j.reserved_micros)::int8 as micros
  from jobs j
  cross join lateral (values ('space', j.space_id), ('user', j.created_by)) as a(scope, subject)
  cross join (values ('day'), ('month')) as p(period)
  where j.${isOpen} and (j.reserved_seconds > 0 or j.reserved_micros > 0)
    and j.created_at >= (date_trunc('month', now() at time zone 'UTC') - interval '1 month') at time zone 'UTC'
  group by 1, 2, 3, 4`

const drift = `
  with now_reserved as (${reservedNow})
  select scope, subject, period, to_char(starts_on, 'YYYY-MM-DD') as "startsOn",
    coalesce(t.reserved_seconds, 0) - coalesce(n.seconds, 0) as seconds,
    (coalesce(t.reserved_micros, 0) - coalesce(n.micros, 0))::float8 as micros
  from (
    select * from usage_totals
    where starts_on >= date_trunc('month', now() at time zone 'UTC')::date - interval '1 month') t
  full join now_reserved n using (${key})
  where abs(coalesce(t.reserved_seconds, 0) - coalesce(n.seconds, 0)) > 1e-3
    or coalesce(t.reserved_micros, 0) <> coalesce(n.micros, 0)
  order by 1, 2, 3, 4 limit 1000`

export class AccountsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Holds back, and gives the usage of space and user with it. Whoever comes next waits for this transaction. */
  async reserve({ spaceId, userId, seconds, micros }: Reservation): Promise<Usage[]> {
    const { rows } = await this.sql.query<Usage>(reserve, [spaceId, userId, seconds, micros], {
      name: 'usage-reserve',
    })
    return rows
  }

  async settle(changes: readonly UsageChange[]): Promise<void> {
    if (changes.length === 0) return
    await this.sql.query(settle, [JSON.stringify(changes)], { name: 'usage-settle' })
  }

  /** Up to its limit each. Submits that are counted wait for each other: the lock first, then what it protects. */
  async countOpen({ spaceId, userId, ofSpace, ofUser }: OpenLimits): Promise<OpenCounts> {
    const limited = [
      ...(ofSpace === null ? [] : [{ scope: 'space', subject: spaceId }]),
      ...(ofUser === null ? [] : [{ scope: 'user', subject: userId }]),
    ]
    await this.sql.query(
      `select pg_advisory_xact_lock(hashtext('easel-open-' || k.scope), hashtext(k.subject))
       from unnest($1::text[], $2::text[]) as k(scope, subject)`,
      [limited.map(({ scope }) => scope), limited.map(({ subject }) => subject)],
      { name: 'usage-lock-open' },
    )
    const count = (column: string, id: string, most: string) =>
      `case when ${most}::int is null then 0 else
        (select count(*)::int from (select from jobs where ${column} = ${id} and ${isOpen} limit ${most}) o) end`
    const text = `select ${count('space_id', '$1', '$3')} as "ofSpace", ${count('created_by', '$2', '$4')} as "ofUser"`
    const { rows } = await this.sql.query<OpenCounts>(text, [spaceId, userId, ofSpace, ofUser], {
      name: 'usage-count-open',
    })
    return rows[0] ?? { ofSpace: 0, ofUser: 0 }
  }

  /** Newest first, from these days on. */
  async list({ scope, subject }: AccountKey, from: readonly Period[]): Promise<Usage[]> {
    const text = `
      select t.scope, t.subject, t.period, to_char(t.starts_on, 'YYYY-MM-DD') as "startsOn",
        t.gpu_seconds as "gpuSeconds", t.cost_micros::float8 as "costMicros",
        t.reserved_seconds as "reservedSeconds", t.reserved_micros::float8 as "reservedMicros", t.jobs
      from unnest($3::text[], $4::date[]) as f(period, starts_on)
      join usage_totals t on t.scope = $1 and t.subject = $2 and t.period = f.period and t.starts_on >= f.starts_on
      order by t.period, t.starts_on desc`
    const values = [scope, subject, from.map(({ period }) => period), from.map(({ startsOn }) => startsOn)]
    return (await this.sql.query<Usage>(text, values, { name: 'usage-list' })).rows
  }

  async countJobs({ scope, subject }: AccountKey): Promise<{ open: number; running: number }> {
    const text = `
      select count(*)::int as open, count(*) filter (where worker_id is not null)::int as running
      from jobs where ${scope === 'space' ? 'space_id' : 'created_by'} = $1 and ${isOpen}`
    const { rows } = await this.sql.query<{ open: number; running: number }>(text, [subject], {
      name: `usage-jobs-${scope}`,
    })
    return rows[0] ?? { open: 0, running: 0 }
  }

  /** Where what is held back is not what the open jobs say, and by how much; one snapshot of the database. */
  async listDrift(): Promise<Drift[]> {
    return (await this.sql.query<Drift>(drift)).rows
  }

  /** In a transaction: sets what is held back to what the open jobs say, for rows that nobody else writes now. */
  async mend(drifted: readonly (AccountKey & Period)[]): Promise<void> {
    const values = [JSON.stringify(drifted)]
    const keys = `jsonb_to_recordset($1::jsonb) as k(scope text, subject uuid, period text, "startsOn" date)`
    await this.sql.query(
      `insert into usage_totals (${key})
       select scope, subject, period, "startsOn" from ${keys} order by 1, 2, 3, 4
       on conflict (${key}) do update set jobs = usage_totals.jobs`,
      values,
    )
    await this.sql.query(
      `with now_reserved as (${reservedNow})
       update usage_totals t set reserved_seconds = coalesce(n.seconds, 0), reserved_micros = coalesce(n.micros, 0)
       from ${keys} left join now_reserved n
         on n.scope = k.scope and n.subject = k.subject and n.period = k.period and n.starts_on = k."startsOn"
       where t.scope = k.scope and t.subject = k.subject and t.period = k.period and t.starts_on = k."startsOn"`,
      values,
    )
  }

  /** Rows whose use is not the sum of what was charged to the jobs that have ended. None, or there is a bug. */
  async listWrong(): Promise<(AccountKey & Period)[]> {
    const text = `
      with charged as (
        select a.scope, a.subject, p.period,
          date_trunc(p.period, j.created_at at time zone 'UTC')::date as starts_on,
          sum(j.charged_seconds) as seconds, sum(j.charged_micros)::int8 as micros, count(*)::int as jobs
        from jobs j
        cross join lateral (values ('space', j.space_id), ('user', j.created_by)) as a(scope, subject)
        cross join (values ('day'), ('month')) as p(period)
        where not j.${isOpen}
        group by 1, 2, 3, 4
      )
      select scope, subject, period, to_char(starts_on, 'YYYY-MM-DD') as "startsOn"
      from usage_totals t full join charged c using (${key})
      where abs(coalesce(t.gpu_seconds, 0) - coalesce(c.seconds, 0)) > 1e-6 * greatest(1, t.gpu_seconds)
        or coalesce(t.cost_micros, 0) <> coalesce(c.micros, 0) or coalesce(t.jobs, 0) <> coalesce(c.jobs, 0)`
    return (await this.sql.query<AccountKey & Period>(text)).rows
  }
}
