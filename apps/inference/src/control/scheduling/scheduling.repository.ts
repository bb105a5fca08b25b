import type { Sql } from '../sql.ts'
import type { Assignment, Candidate, Place } from './snapshot.ts'

const places = `
  select w.id, w.incarnation, w.pool, w.ready, w.draining or w.drain_requested as draining, w.lost_at is not null as lost,
    w.run_slots as "runSlots", w.prefetch_slots as "prefetchSlots", w.object_info_hash as "definitions",
    w.labels, w.environment, w.vram_total::float8 as "vramTotal", w.warm,
    (extract(epoch from now() - w.last_seen_at) * 1000)::float8 as "silentMs", coalesce(o.open, 0) as "open"
  from workers w
  left join (
    select worker_id, count(*)::int as open from attempts where state in ('bound', 'running') group by worker_id
  ) o on o.worker_id = w.id
  where w.last_seen_at > now() - interval '1 minute'
  order by w.id`

/** What a candidate asks for beside its node classes. */
const needs = `j.space_id as "spaceId", j.created_by as "userId", j.labels, j.environment,
  j.min_vram::float8 as "minVram", j.models, j.loras, j.estimate`

const candidates = `
  select j.id, j.seq, j.priority, j.pool, j.classes, j.avoid, ${needs}
  from unnest($1::text[], $3::int[], $4::int8[]) as p(name, after_priority, after_seq)
  cross join lateral (
    select * from jobs
    where pool = p.name and status = 'queued' and worker_id is null
      and (priority, seq) > (p.after_priority, p.after_seq)
      and (expires_at is null or expires_at > now())
    order by priority, seq limit $2
  ) j
  order by j.priority, j.seq`

/** The same from the start of every queue that a worker of now serves. */
const heads = `
  select j.id, j.seq, j.priority, j.pool, j.classes, j.avoid, ${needs}
  from (select distinct pool from workers where last_seen_at > now() - interval '1 minute') p
  cross join lateral (
    select * from jobs
    where pool = p.pool and status = 'queued' and worker_id is null and (expires_at is null or expires_at > now())
    order by priority, seq limit $1
  ) j
  order by j.priority, j.seq`

/** One statement, so one round trip and all or nothing: the attempt, and the job that it holds. */
const bind = `
  with chosen as (
    select * from unnest($1::uuid[], $2::text[], $3::uuid[]) as c(id, worker_id, incarnation)
  ), bound as (
    update jobs j set attempt = j.attempt + 1, worker_id = c.worker_id, bound_at = now()
    from chosen c
    where j.id = c.id and j.status = 'queued' and j.worker_id is null
    returning j.id, j.seq, j.attempt, c.worker_id, c.incarnation, j.space_id, j.created_by, j.graph, j.extra,
      j.inputs
  ), added as (
    insert into attempts (job_id, number, worker_id, incarnation, state)
    select id, attempt, worker_id, incarnation, 'bound' from bound
  )
  select id as "jobId", attempt, worker_id as "workerId", space_id as "spaceId", created_by as "createdBy",
    graph, extra, inputs
  from bound order by seq`

const boundAgain = `
  select j.id as "jobId", a.number as attempt, a.worker_id as "workerId", j.space_id as "spaceId",
    j.created_by as "createdBy", j.graph, j.extra, j.inputs
  from attempts a join jobs j on j.id = a.job_id
  where a.state = 'bound' and ($1::uuid[] is null or a.job_id = any($1)) and j.attempt = a.number
    and j.status = 'queued'
    and ($1::uuid[] is not null or a.bound_at > now() - interval '90 seconds')
  order by a.bound_at desc limit 1000`

/** What a worker is sent. Texts are JSON. */
export type BoundJob = {
  jobId: string
  attempt: number
  workerId: string
  spaceId: string
  createdBy: string
  graph: string
  extra: string | null
  inputs: string
}

/** Where the reading of a pool's queue goes on. */
export type QueueMark = { pool: string; priority: number; seq: string }

export class SchedulingRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Up to 10,000 of each pool: beyond, the number says only "many". */
  async countWaiting(): Promise<{ pool: string; waiting: number }[]> {
    const text = `
      with recursive pools as (
        (select pool from jobs where status = 'queued' and worker_id is null order by pool limit 1)
        union all
        select (select pool from jobs where status = 'queued' and worker_id is null and pool > p.pool
          order by pool limit 1) from pools p where p.pool is not null
      )
      select p.pool, (
        select count(*)::int from (
          select 1 from jobs where status = 'queued' and worker_id is null and pool = p.pool limit 10000) w
      ) as waiting
      from pools p where p.pool is not null limit 200`
    return (await this.sql.query<{ pool: string; waiting: number }>(text, [], { name: 'schedule-waiting' }))
      .rows
  }

  async listPlaces(): Promise<Place[]> {
    return (await this.sql.query<Place>(places, [], { name: 'schedule-places' })).rows
  }

  /** The first of each pool, in the order in which they are served. */
  async listHeads(perPool: number): Promise<Candidate[]> {
    return (await this.sql.query<Candidate>(heads, [perPool], { name: 'schedule-heads' })).rows
  }

  /** The next of each pool, in the order in which they are served. */
  async listCandidates(marks: readonly QueueMark[], perPool: number): Promise<Candidate[]> {
    const values = [
      marks.map(({ pool }) => pool),
      perPool,
      marks.map(({ priority }) => priority),
      marks.map(({ seq }) => seq),
    ]
    return (await this.sql.query<Candidate>(candidates, values, { name: 'schedule-candidates' })).rows
  }

  /** Those that were still free, each now with a new attempt. */
  async bind(assignments: readonly Assignment[]): Promise<BoundJob[]> {
    const values = [
      assignments.map(({ jobId }) => jobId),
      assignments.map(({ workerId }) => workerId),
      assignments.map(({ incarnation }) => incarnation),
    ]
    return (await this.sql.query<BoundJob>(bind, values, { name: 'schedule-bind' })).rows
  }

  /** Those of the newest jobs that have succeeded in the last hour. */
  async listJustSucceeded(): Promise<string[]> {
    const text = `
      select id from (select id, seq, status, finished_at from jobs order by seq desc limit 2000) newest
      where status = 'succeeded' and finished_at > now() - interval '1 hour' order by seq`
    return (await this.sql.query<{ id: string }>(text)).rows.map(({ id }) => id)
  }

  /** Bound and not started: those of these jobs, or the newest of all. */
  async listBound(jobIds?: readonly string[]): Promise<BoundJob[]> {
    return (await this.sql.query<BoundJob>(boundAgain, [jobIds])).rows
  }
}
