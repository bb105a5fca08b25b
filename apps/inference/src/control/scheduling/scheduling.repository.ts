import type { Job } from '../jobs/job.ts'
import type { Sql } from '../sql.ts'
import type { FlowId } from './fair/flow.ts'
import type { Assignment, Candidate, Place } from './snapshot.ts'

const places = `
  select w.id, w.incarnation, w.pool, w.ready, w.draining or w.drain_requested as draining, w.lost_at is not null as lost,
    w.run_slots as "runSlots", w.prefetch_slots as "prefetchSlots", w.object_info_hash as "definitions",
    w.labels, w.environment, w.vram_total::float8 as "vramTotal", w.warm, w.fetches_models as "fetchesModels",
    (extract(epoch from now() - w.last_seen_at) * 1000)::float8 as "silentMs", coalesce(o.open, 0) as "open",
    coalesce(o.attempts, '') as attempts
  from workers w
  left join (
    select worker_id, count(*)::int as open, string_agg(job_id || ':' || number, ' ' order by bound_at) as attempts
    from attempts where state in ('bound', 'running') group by worker_id
  ) o on o.worker_id = w.id
  where w.last_seen_at > now() - interval '1 minute'
  order by w.id`

const waiting = `status = 'queued' and worker_id is null`

/**
 * From flow to flow over the index, and the first jobs of each: what lies behind them is not looked at. $1: how many
 * of each flow; $2 and $3: of which flows so many more. A job is named with the version of its row.
 */
const flows = `
  with recursive flow as (
    (select f.* from (select distinct pool from workers where last_seen_at > now() - interval '1 minute') p
      cross join lateral (
        select pool, space_id, created_by, priority from jobs where ${waiting} and pool = p.pool
        order by space_id, created_by, priority limit 1) f)
    union all
    select n.* from flow f cross join lateral (
      select pool, space_id, created_by, priority from jobs
      where ${waiting} and pool = f.pool
        and (space_id, created_by, priority) > (f.space_id, f.created_by, f.priority)
      order by space_id, created_by, priority limit 1) n
  )
  select f.pool, f.space_id as "spaceId", f.created_by as "userId", f.priority, j.versions
  from flow f
  left join unnest($2::text[], $3::int[]) as d(flow, depth)
    on d.flow = f.pool || '/' || f.space_id || '/' || f.created_by || '/' || f.priority
  cross join lateral (
    select string_agg(id || ':' || xmin, ' ' order by rank desc, seq) as versions from (
      select id, xmin, rank, seq from jobs
      where ${waiting} and pool = f.pool and space_id = f.space_id and created_by = f.created_by
        and priority = f.priority and (expires_at is null or expires_at > now())
      order by rank desc, seq limit coalesce(d.depth, $1)) first
  ) j
  where j.versions is not null`

const candidates = `
  select id || ':' || xmin as version, id, seq, priority, pool, space_id as "spaceId", created_by as "userId",
    json_build_array(classes, avoid, labels, models, loras, jsonb_path_query_array(model_files, '$[*].name'))::text as lists,
    environment,
    min_vram::float8 as "minVram", estimate
  from jobs where id = any($1::uuid[])`

/**
 * One statement, so one round trip and all or nothing: the attempt, and the job that it holds. The case keeps it off
 * the index of all that wait, which looks short to the planner while its statistics are old.
 */
const bind = `
  with chosen as (
    select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::float8[])
      as c(id, worker_id, incarnation, charge)
  ), bound as (
    update jobs j set attempt = j.attempt + 1, worker_id = c.worker_id, bound_at = now()
    from chosen c
    where j.id = c.id and case when j.status = 'queued' then j.worker_id is null end
    returning j.id, j.seq, j.attempt, c.worker_id, c.incarnation, c.charge, j.created_at, j.space_id, j.created_by, j.graph, j.extra,
      j.inputs, j.signature, j.models, j.model_files, j.traceparent
  ), added as (
    insert into attempts (job_id, number, worker_id, incarnation, state, estimate)
    select id, attempt, worker_id, incarnation, 'bound', charge from bound
  )
  select id as "jobId", attempt, worker_id as "workerId", space_id as "spaceId", created_by as "createdBy",
    graph, extra, inputs, signature, models, model_files as "modelFiles", traceparent, extract(epoch from now() - created_at)::float8 as "waitedSeconds"
  from bound order by seq`

const boundAgain = `
  select j.id as "jobId", a.number as attempt, a.worker_id as "workerId", j.space_id as "spaceId",
    j.created_by as "createdBy", j.graph, j.extra, j.inputs, j.signature, j.models,
    j.model_files as "modelFiles", j.traceparent
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
  signature: string | null
  models: string[]
  modelFiles: Job['modelFiles']
  /** Of the request that made the job. */
  traceparent: string | null
}

/** The first jobs of a flow, in its own order. */
export type FlowRow = FlowId & { pool: string; jobs: Candidate[] }

type CandidateLists = Pick<Candidate, 'classes' | 'avoid' | 'labels' | 'models' | 'loras' | 'fetchable'>
type CandidateRow = Omit<Candidate, keyof CandidateLists> & { version: string; lists: string }

const maxLists = 5_000
/** Versions of rows that are kept though the last look did not see them. */
const maxUnseen = 1_000

/** `attempts`: those that the worker holds, as `job:number`, the oldest first. */
export type PlaceRow = Place & { attempts: string[] }

export class SchedulingRepository {
  private readonly sql: Sql
  private readonly lists = new Map<string, CandidateLists>()
  /** By version: from look to look few are new. */
  private readonly candidates = new Map<string, Candidate>()

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

  async listPlaces(): Promise<PlaceRow[]> {
    const { rows } = await this.sql.query<Place & { attempts: string }>(places, [], {
      name: 'schedule-places',
    })
    return rows.map((row) => ({ ...row, attempts: row.attempts === '' ? [] : row.attempts.split(' ') }))
  }

  /** Of each flow whose pool a worker of now serves. */
  async listFlows(perFlow: number, deeper: ReadonlyMap<string, number>): Promise<FlowRow[]> {
    const values = [perFlow, [...deeper.keys()], [...deeper.values()]]
    const { rows } = await this.sql.query<FlowId & { pool: string; versions: string }>(flows, values, {
      name: 'schedule-flows',
    })
    const seen = rows.map(({ versions, ...flow }) => ({ flow, versions: versions.split(' ') }))
    await this.readUnknown(seen.flatMap(({ versions }) => versions))
    return seen.map(({ flow, versions }) => {
      const jobs = versions.flatMap((version) => this.candidates.get(version) ?? [])
      return { ...flow, jobs }
    })
  }

  /** Those that have changed in between are left out: the next look sees them. */
  private async readUnknown(versions: readonly string[]): Promise<void> {
    if (this.candidates.size > versions.length + maxUnseen) {
      const seen = new Set(versions)
      for (const version of this.candidates.keys()) if (!seen.has(version)) this.candidates.delete(version)
    }
    const unknown = versions.filter((version) => !this.candidates.has(version))
    if (unknown.length === 0) return
    const ids = unknown.map((version) => version.slice(0, version.indexOf(':')))
    const { rows } = await this.sql.query<CandidateRow>(candidates, [ids], { name: 'schedule-candidates' })
    for (const { version, lists, ...row } of rows) {
      this.candidates.set(version, { ...row, ...this.listsIn(lists) })
    }
  }

  /** Jobs ask for few different things: what many rows hold is taken apart once. */
  private listsIn(text: string): CandidateLists {
    const known = this.lists.get(text)
    if (known) return known
    if (this.lists.size >= maxLists) this.lists.clear()
    const [classes, avoid, labels, models, loras, fetchable] = JSON.parse(text) as (string[] | null)[]
    const found = {
      classes: classes ?? [],
      avoid: avoid ?? [],
      labels: labels ?? [],
      models: models ?? [],
      loras: loras ?? [],
      fetchable: fetchable ?? [],
    }
    this.lists.set(text, found)
    return found
  }

  /** Those that were still free, each now with a new attempt. */
  async bind(assignments: readonly Assignment[]): Promise<(BoundJob & { waitedSeconds: number })[]> {
    const values = [
      assignments.map(({ jobId }) => jobId),
      assignments.map(({ workerId }) => workerId),
      assignments.map(({ incarnation }) => incarnation),
      assignments.map(({ charge }) => charge),
    ]
    const { rows } = await this.sql.query<BoundJob & { waitedSeconds: number }>(bind, values, {
      name: 'schedule-bind',
    })
    return rows
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
