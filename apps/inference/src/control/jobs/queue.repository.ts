import type { Depth } from '../model-metrics.ts'
import type { Sql } from '../sql.ts'

export type Pace = {
  /** Slots of the workers that take work now. */
  slots: number
  /** How long the last jobs of the pool took, from start to end; null before the first. */
  seconds: number | null
}

export type PoolRow = {
  name: string
  workers: number
  ready: number
  queued: number
  running: number
  oldestSeconds: number | null
}

export class QueueRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** How many of its pool are served before it. */
  async countBefore(job: { pool: string; priority: number; seq: string }): Promise<number> {
    const text = `
      select count(*)::int as count from jobs
      where pool = $1 and status = 'queued' and worker_id is null and (priority, seq) < ($2, $3)`
    const { rows } = await this.sql.query<{ count: number }>(text, [job.pool, job.priority, job.seq], {
      name: 'queue-before',
    })
    return rows[0]?.count ?? 0
  }

  async pace(pool: string): Promise<Pace> {
    const text = `
      select
        (select coalesce(sum(run_slots), 0)::int from workers
          where pool = $1 and ready and lost_at is null and not draining and not drain_requested
            and last_seen_at > now() - interval '10 seconds') as slots,
        (select avg(extract(epoch from finished_at - coalesce(started_at, bound_at)))::float8 from (
          select finished_at, started_at, bound_at from jobs
          where pool = $1 and status = 'succeeded' order by finished_at desc limit 20) last) as seconds`
    const { rows } = await this.sql.query<Pace>(text, [pool], { name: 'queue-pace' })
    return rows[0] ?? { slots: 0, seconds: null }
  }

  /** What waits, by pool and main model, the longest first; of the first 20,000. */
  async depths(): Promise<Depth[]> {
    const text = `
      select pool, coalesce(models[1], '') as model, count(*)::int as waiting,
        extract(epoch from now() - min(created_at))::float8 as "oldestSeconds"
      from (select pool, models, created_at from jobs where status = 'queued' and worker_id is null limit 20000) j
      group by 1, 2 order by 3 desc limit 200`
    return (await this.sql.query<Depth>(text, [], { name: 'queue-depths' })).rows
  }

  async pools(): Promise<PoolRow[]> {
    const text = `
      with known as (
        select pool from workers where last_seen_at > now() - interval '1 day'
        union select pool from jobs where status in ('queued', 'running', 'canceling')
      )
      select k.pool as name, w.workers, w.ready, j.queued, j.running, j.oldest as "oldestSeconds"
      from known k
      cross join lateral (
        select count(*) filter (where lost_at is null)::int as workers,
          count(*) filter (where ready and lost_at is null and last_seen_at > now() - interval '10 seconds')::int as ready
        from workers where pool = k.pool) w
      cross join lateral (
        select count(*) filter (where status = 'queued')::int as queued,
          count(*) filter (where status <> 'queued')::int as running,
          extract(epoch from now() - min(created_at) filter (where status = 'queued'))::int as oldest
        from jobs where pool = k.pool and status in ('queued', 'running', 'canceling')) j
      order by k.pool`
    return (await this.sql.query<PoolRow>(text)).rows
  }
}
