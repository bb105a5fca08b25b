import type { Sql } from '../sql.ts'
import type { OpenAttempt } from './open-attempts.ts'

export type ShareRow = { pool: string; path: string; virtual: number }

/** What an attempt that has ended took; `open` when it has not. */
export type EndedRow = { jobId: string; number: number; open: boolean; gpuSeconds: number }

export type TakenOver = {
  shares: ShareRow[]
  /** When they were saved; null: never. */
  savedAt: Date | null
}

/** An attempt that was not told of: bound by another replica. */
export type FoundAttempt = OpenAttempt & { boundAt: Date }

const found = `a.job_id as "jobId", a.number, a.worker_id as "workerId", j.pool, j.space_id as "spaceId",
  j.created_by as "userId", j.priority, j.models, j.loras, a.estimate as charge, a.bound_at as "boundAt"`

/** Some ends come without a word of their worker. */
const took = `case when a.gpu_seconds > 0 then a.gpu_seconds
  else coalesce(extract(epoch from a.ended_at - a.started_at), 0)::float8 end as "gpuSeconds"`

/** Gone ones and new values, in one statement. */
const save = `
  with gone as (
    delete from fair_shares f using unnest($4::text[], $5::text[]) as g(pool, path)
    where f.pool = g.pool and f.path = g.path
  )
  insert into fair_shares (pool, path, virtual, updated_at)
  select pool, path, virtual, now() from unnest($1::text[], $2::text[], $3::float8[]) as n(pool, path, virtual)
  on conflict (pool, path) do update set virtual = excluded.virtual, updated_at = excluded.updated_at`

/** What the fair order remembers. Written by the replica that leads, and nobody else. */
export class FairSharesRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async load(): Promise<TakenOver> {
    const text = 'select pool, path, virtual, updated_at as "updatedAt" from fair_shares'
    const { rows } = await this.sql.query<ShareRow & { updatedAt: Date }>(text)
    const times = rows.map(({ updatedAt }) => updatedAt.getTime())
    return {
      shares: rows,
      savedAt: rows.length === 0 ? null : new Date(times.reduce((a, b) => Math.max(a, b))),
    }
  }

  async save(rows: readonly ShareRow[], gone: readonly Omit<ShareRow, 'virtual'>[]): Promise<void> {
    const values = [
      rows.map(({ pool }) => pool),
      rows.map(({ path }) => path),
      rows.map(({ virtual }) => virtual),
      gone.map(({ pool }) => pool),
      gone.map(({ path }) => path),
    ]
    await this.sql.query(save, values, { name: 'fair-save' })
  }

  /** Those of these (`job:number`) that are there. */
  async find(keys: readonly string[]): Promise<FoundAttempt[]> {
    const text = `
      select ${found} from unnest($1::uuid[], $2::int[]) as k(job_id, number)
      join attempts a using (job_id, number) join jobs j on j.id = a.job_id order by a.bound_at`
    return (await this.sql.query<FoundAttempt>(text, split(keys), { name: 'fair-found' })).rows
  }

  /** Those of the newest jobs that ended after this time, with what they took. */
  async listEndedSince(since: Date): Promise<(FoundAttempt & EndedRow)[]> {
    const text = `
      select ${found}, ${took}, false as open
      from (select * from jobs order by seq desc limit 2000) j join attempts a on a.job_id = j.id
      where a.ended_at > $1`
    return (await this.sql.query<FoundAttempt & EndedRow>(text, [since])).rows
  }

  async settle(keys: readonly string[]): Promise<EndedRow[]> {
    const text = `
      select a.job_id as "jobId", a.number, a.state in ('bound', 'running') as open, ${took}
      from unnest($1::uuid[], $2::int[]) as k(job_id, number) join attempts a using (job_id, number)`
    return (await this.sql.query<EndedRow>(text, split(keys), { name: 'fair-settle' })).rows
  }
}

function split(keys: readonly string[]): [jobIds: string[], numbers: number[]] {
  const pairs = keys.map((key) => key.split(':'))
  return [pairs.map(([jobId = '']) => jobId), pairs.map(([, number]) => Number(number))]
}
