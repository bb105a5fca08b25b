import type { Depth } from '../model-metrics.ts'
import type { Sql } from '../sql.ts'

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
        union select pool from jobs where finished_at is null
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
        from jobs where pool = k.pool and finished_at is null) j
      order by k.pool`
    return (await this.sql.query<PoolRow>(text)).rows
  }
}
