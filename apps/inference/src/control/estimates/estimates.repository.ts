import type { Sql } from '../sql.ts'

export type LearnedRow = { key: string; runs: number; seconds: number }
export type LoadRow = { workerId: string; model: string; runs: number; ms: number }

/** How much of what was known the mean of `n` new values replaces: all at first, a fifth for each later on. */
const weight = (table: string) =>
  `greatest(1 - power(0.8, excluded.runs), excluded.runs::float8 / (${table}.runs + excluded.runs))`

const addRuns = `
  insert into run_estimates as e (signature, runs, seconds)
  select * from unnest($1::text[], $2::int[], $3::float8[])
  on conflict (signature) do update set
    seconds = e.seconds + (excluded.seconds - e.seconds) * ${weight('e')},
    runs = least(e.runs + excluded.runs, 1000000000), updated_at = now()`

const addLoads = `
  insert into load_times as e (worker_id, model, runs, ms)
  select * from unnest($1::text[], $2::text[], $3::int[], $4::float8[])
  on conflict (worker_id, model) do update set
    ms = e.ms + (excluded.ms - e.ms) * ${weight('e')},
    runs = least(e.runs + excluded.runs, 1000000000), updated_at = now()`

/** What is known of how long things take. Replicas may add at once: each row is changed in one step. */
export class EstimatesRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Rows in one order, so that two who add the same never wait for each other. */
  async addRuns(rows: readonly LearnedRow[]): Promise<void> {
    const sorted = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    const values = [
      sorted.map(({ key }) => key),
      sorted.map(({ runs }) => runs),
      sorted.map(({ seconds }) => seconds),
    ]
    await this.sql.query(addRuns, values, { name: 'estimates-add-runs' })
  }

  async addLoads(rows: readonly LoadRow[]): Promise<void> {
    const keyOf = ({ workerId, model }: LoadRow) => `${workerId}\n${model}`
    const sorted = rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    const values = [
      sorted.map(({ workerId }) => workerId),
      sorted.map(({ model }) => model),
      sorted.map(({ runs }) => runs),
      sorted.map(({ ms }) => ms),
    ]
    await this.sql.query(addLoads, values, { name: 'estimates-add-loads' })
  }

  /** The newest, of those that have changed in the last so many seconds; undefined: of all. */
  async listRuns(seconds: number | undefined, limit: number): Promise<LearnedRow[]> {
    const text = `
      select signature as key, runs, seconds from run_estimates
      where $1::float8 is null or updated_at > now() - make_interval(secs => $1)
      order by updated_at desc limit $2`
    const { rows } = await this.sql.query<LearnedRow>(text, [seconds ?? null, limit], {
      name: 'estimates-runs',
    })
    return rows
  }

  async listLoads(seconds: number | undefined, limit: number): Promise<LoadRow[]> {
    const text = `
      select worker_id as "workerId", model, runs, ms from load_times
      where $1::float8 is null or updated_at > now() - make_interval(secs => $1)
      order by updated_at desc limit $2`
    const { rows } = await this.sql.query<LoadRow>(text, [seconds ?? null, limit], {
      name: 'estimates-loads',
    })
    return rows
  }

  /** What an hour costs at the dearest worker of each pool. */
  async listRates(): Promise<{ pool: string; costMicrosPerHour: number }[]> {
    const text = `
      select pool, max(cost_micros_per_hour)::float8 as "costMicrosPerHour" from workers
      where lost_at is null and cost_micros_per_hour is not null
      group by pool`
    const { rows } = await this.sql.query<{ pool: string; costMicrosPerHour: number }>(text, [], {
      name: 'estimates-rates',
    })
    return rows
  }

  /** What has not been seen for a season. */
  async forgetOld(): Promise<void> {
    for (const table of ['run_estimates', 'load_times']) {
      await this.sql.query(`delete from ${table} where updated_at < now() - interval '90 days'`, [])
    }
  }
}
