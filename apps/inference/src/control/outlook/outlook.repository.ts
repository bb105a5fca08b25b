import type { Demands } from '../scheduling/filter.ts'
import type { FlowId } from '../scheduling/fair/flow.ts'
import type { Sql } from '../sql.ts'

export type FlowRow = FlowId & { waiting: number }

export type WaitingRow = FlowId & {
  id: string
  seq: string
  estimate: number
  signature: string | null
  model: string | null
  /** The same for jobs that ask the same of their worker. */
  demands: string
}

export type OpenRow = {
  jobId: string
  workerId: string
  state: 'bound' | 'running'
  /** Since it was started, or bound. */
  forSeconds: number
  signature: string | null
  model: string | null
  estimate: number
}

/** Jobs of many pools may ask the same. */
export type AskedOfWorker = Omit<Demands, 'pool'>

const waiting = `status = 'queued' and worker_id is null`
const demandsOf = `md5(row(classes, models, loras, labels, environment, min_vram)::text)`

const flows = `
  select space_id as "spaceId", created_by as "userId", priority, count(*)::int as waiting
  from (select space_id, created_by, priority from jobs where ${waiting} and pool = $1 limit 20000) j
  group by 1, 2, 3 order by 4 desc limit 2000`

const heads = `
  select j.id, j.seq, j.estimate, j.signature, j.models[1] as model, j.demands,
    f.space_id as "spaceId", f.created_by as "userId", f.priority
  from unnest($2::uuid[], $3::uuid[], $4::int[]) as f(space_id, created_by, priority)
  cross join lateral (
    select id, seq, estimate, signature, models, ${demandsOf} as demands from jobs
    where ${waiting} and pool = $1 and space_id = f.space_id and created_by = f.created_by
      and priority = f.priority
    order by rank desc, seq limit $5
  ) j
  limit 6000`

const open = `
  select a.job_id as "jobId", a.worker_id as "workerId", a.state, j.signature, j.models[1] as model, j.estimate,
    extract(epoch from now() - coalesce(a.started_at, a.bound_at))::float8 as "forSeconds"
  from attempts a join jobs j on j.id = a.job_id
  where a.state in ('bound', 'running') and j.pool = $1 order by a.bound_at limit 5000`

/** What is needed to say how the queue of a pool will go on. None of it grows without bound with the queue. */
export class OutlookRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async flowsOf(pool: string): Promise<FlowRow[]> {
    return (await this.sql.query<FlowRow>(flows, [pool], { name: 'outlook-flows' })).rows
  }

  /** The first jobs of each of these flows, each flow's in its own order. */
  async headsOf(pool: string, ids: readonly FlowId[], perFlow: number): Promise<WaitingRow[]> {
    if (ids.length === 0) return []
    const values = [
      pool,
      ids.map(({ spaceId }) => spaceId),
      ids.map(({ userId }) => userId),
      ids.map(({ priority }) => priority),
      perFlow,
    ]
    return (await this.sql.query<WaitingRow>(heads, values, { name: 'outlook-heads' })).rows
  }

  async demandsOf(jobIds: readonly string[]): Promise<(AskedOfWorker & { key: string })[]> {
    const text = `
      select ${demandsOf} as key, classes, models, loras, labels, environment, min_vram::float8 as "minVram"
      from jobs where id = any($1::uuid[])`
    const { rows } = await this.sql.query<AskedOfWorker & { key: string }>(text, [jobIds], {
      name: 'outlook-demands',
    })
    return rows
  }

  async openOf(pool: string): Promise<OpenRow[]> {
    return (await this.sql.query<OpenRow>(open, [pool], { name: 'outlook-open' })).rows
  }

  async sharesOf(pool: string): Promise<Map<string, number>> {
    const text = 'select path, virtual from fair_shares where pool = $1 limit 20000'
    const { rows } = await this.sql.query<{ path: string; virtual: number }>(text, [pool], {
      name: 'outlook-shares',
    })
    return new Map(rows.map(({ path, virtual }) => [path, virtual]))
  }

  /** How many of its own flow are before it; it counts to 20,000. */
  async countBefore(
    job: { pool: string; rank: number; seq: string },
    { spaceId, userId, priority }: FlowId,
  ): Promise<number> {
    const text = `
      select count(*)::int as count from (
        select from jobs where ${waiting} and pool = $1 and space_id = $2 and created_by = $3 and priority = $4
          and (rank > $5 or (rank = $5 and seq < $6)) limit 20000) b`
    const values = [job.pool, spaceId, userId, priority, job.rank, job.seq]
    const { rows } = await this.sql.query<{ count: number }>(text, values, { name: 'outlook-before' })
    return rows[0]?.count ?? 0
  }
}
