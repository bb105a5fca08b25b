import type { Sql } from '../sql.ts'
import type { Attempt, Job } from './job.ts'

const columns = `j.id, j.seq, j.kind, j.name, j.status, j.priority, j.rank, j.pool, j.space_id as "spaceId",
  j.created_by as "createdBy", j.session_id as "sessionId", j.workflow_id as "workflowId",
  j.workflow_version as "workflowVersion", j.retry_of as "retryOf", j.webhook_url as "webhookUrl",
  j.models, j.loras, j.missing_models as "missingModels", j.model_files as "modelFiles", j.signature, j.estimate, j.estimate_micros::float8 as "estimateMicros", j.labels, j.environment,
  j.min_vram::float8 as "minVram", j.idempotency_hash as "idempotencyHash", j.attempt, j.worker_id as "workerId", j.avoid, j.outputs, j.warnings,
  j.timings, j.error, j.gpu_seconds as "gpuSeconds", j.cost_micros::float8 as "costMicros",
  j.reserved_seconds as "reservedSeconds", j.reserved_micros::float8 as "reservedMicros",
  j.charged_seconds as "chargedSeconds", j.charged_micros::float8 as "chargedMicros",
  j.created_at as "createdAt", j.bound_at as "boundAt", j.started_at as "startedAt",
  j.finished_at as "finishedAt", j.expires_at as "expiresAt"`

/** What a submit brings. Texts are JSON. */
export type NewJob = Pick<
  Job,
  | 'id'
  | 'kind'
  | 'name'
  | 'priority'
  | 'rank'
  | 'pool'
  | 'spaceId'
  | 'createdBy'
  | 'sessionId'
  | 'workflowId'
  | 'workflowVersion'
  | 'retryOf'
  | 'webhookUrl'
  | 'models'
  | 'loras'
  | 'missingModels'
  | 'modelFiles'
  | 'signature'
  | 'estimate'
  | 'estimateMicros'
  | 'labels'
  | 'environment'
  | 'minVram'
  | 'reservedSeconds'
  | 'reservedMicros'
  | 'idempotencyHash'
> & {
  graph: string
  extra: string | null
  inputs: string
  classes: readonly string[]
  idempotencyKey: string | null
  expiresInSeconds: number | null
}

/** A row for the outbox. `payload` is JSON text with the view of the job in `job`. */
export type ToldFact = {
  id: string
  subject: string
  payload: string
  headers: Readonly<Record<string, string>>
}

/** What the database adds to a new job. `before`: how many of its pool wait already, up to `countedBefore`. */
export type Added = Pick<Job, 'seq' | 'createdAt' | 'expiresAt'> & { before: number }

export type JobFilter = {
  /** Undefined: every space. */
  spaceIds?: readonly string[]
  statuses?: readonly string[]
  kind?: string
  sessionId?: string
  workflowId?: string
  createdBy?: string
  since?: string
  /** In the name or the models; looked for among the latest, for no index finds it. */
  q?: string
  oldestFirst?: boolean
  /** Beyond this one, in the order asked for. */
  afterSeq?: string
}

export type JobPayload = Pick<NewJob, 'graph' | 'extra' | 'inputs' | 'classes'>

const isoTime = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const searched = 100_000

/** Counting on, for each submission, would cost more than the submission once the queue is long. */
export const countedBefore = 100

/**
 * The job, the fact that tells of it and its place in the queue, in one round trip; the times in the fact are the
 * row's.
 */
const insert = `
  with job as (
    insert into jobs (id, kind, name, status, priority, pool, space_id, created_by, session_id, workflow_id,
      workflow_version, retry_of, webhook_url, idempotency_key, idempotency_hash, graph, extra, inputs, classes,
      expires_at, rank, models, loras, signature, estimate, estimate_micros, labels, environment, min_vram,
      reserved_seconds, reserved_micros, missing_models, model_files, traceparent)
    values ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
      now() + make_interval(secs => $19), $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $23::jsonb ->> 'traceparent')
    on conflict (created_by, idempotency_key) do nothing
    returning id, seq, created_at, expires_at
  ), told as (
    insert into outbox (id, subject, payload, headers, key)
    select $20, $21, jsonb_set($22::jsonb, '{job}', $22::jsonb -> 'job' || jsonb_build_object(
      'createdAt', ${isoTime('created_at')}, 'expiresAt', ${isoTime('expires_at')})), $23, id::text
    from job
  )
  select seq, created_at as "createdAt", expires_at as "expiresAt",
    (select count(*)::int from (
      select from jobs where pool = $5 and status = 'queued' and worker_id is null
      limit ${countedBefore}) b) as "before"
  from job`

const update = `
  with told as (
    update attempts a set state = c.state, death = c.death, started_at = c."startedAt", ended_at = c."endedAt",
      error = c.error, gpu_seconds = c."gpuSeconds", warm = c.warm
    from jsonb_to_recordset($2::jsonb) as c("jobId" uuid, number int, state text, death boolean,
      "startedAt" timestamptz, "endedAt" timestamptz, error jsonb, "gpuSeconds" float8, warm boolean)
    where a.job_id = c."jobId" and a.number = c.number
  )
  update jobs j set status = c.status, worker_id = c."workerId", avoid = c.avoid, outputs = c.outputs,
    warnings = c.warnings, timings = c.timings, error = c.error, gpu_seconds = c."gpuSeconds",
    cost_micros = c."costMicros", bound_at = c."boundAt", started_at = c."startedAt",
    finished_at = c."finishedAt", min_vram = c."minVram", charged_seconds = c."chargedSeconds",
    charged_micros = c."chargedMicros",
    cancel_at = case when c.status = 'canceling' then coalesce(j.cancel_at, now()) end
  from jsonb_to_recordset($1::jsonb) as c(id uuid, status text, "workerId" text, avoid text[], outputs jsonb,
    warnings jsonb, timings jsonb, error jsonb, "gpuSeconds" float8, "costMicros" int8, "boundAt" timestamptz,
    "startedAt" timestamptz, "finishedAt" timestamptz, "minVram" int8, "chargedSeconds" float8,
    "chargedMicros" int8)
  where j.id = c.id`

export class JobsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Gives what the database adds; undefined when this user has used the idempotency key before. */
  async insert(job: NewJob, told: ToldFact): Promise<Added | undefined> {
    const values = [
      job.id,
      job.kind,
      job.name,
      job.priority,
      job.pool,
      job.spaceId,
      job.createdBy,
      job.sessionId,
      job.workflowId,
      job.workflowVersion,
      job.retryOf,
      job.webhookUrl,
      job.idempotencyKey,
      job.idempotencyHash,
      job.graph,
      job.extra,
      job.inputs,
      job.classes,
      job.expiresInSeconds,
      told.id,
      told.subject,
      told.payload,
      told.headers,
      job.rank,
      job.models,
      job.loras,
      job.signature,
      job.estimate,
      job.estimateMicros,
      job.labels,
      job.environment,
      job.minVram,
      job.reservedSeconds,
      job.reservedMicros,
      job.missingModels,
      job.modelFiles === null ? null : JSON.stringify(job.modelFiles),
    ]
    const { rows } = await this.sql.query<Added>(insert, values, { name: 'job-insert' })
    return rows[0]
  }

  async find(id: string): Promise<Job | undefined> {
    const text = `select ${columns} from jobs j where j.id = $1`
    return (await this.sql.query<Job>(text, [id], { name: 'job-find' })).rows[0]
  }

  async findByKey(createdBy: string, key: string): Promise<(Job & { stale: boolean }) | undefined> {
    const text = `
      select ${columns}, j.created_at < now() - interval '24 hours' as stale
      from jobs j where j.created_by = $1 and j.idempotency_key = $2`
    const { rows } = await this.sql.query<Job & { stale: boolean }>(text, [createdBy, key], {
      name: 'job-by-key',
    })
    return rows[0]
  }

  /** Frees a key whose day is over. */
  async forgetKey(id: string): Promise<void> {
    await this.sql.query('update jobs set idempotency_key = null where id = $1', [id])
  }

  /**
   * Locked in one order, so that two who lock several never wait for each other. Their attempts are to be read
   * by a statement of its own: a join would show them as they were before a wait for the lock.
   */
  async lock(ids: readonly string[]): Promise<{ jobs: Job[]; at: Date }> {
    const text = `
      select ${columns}, date_trunc('milliseconds', clock_timestamp()) as at
      from jobs j where j.id = any($1::uuid[]) order by j.id for update`
    const { rows } = await this.sql.query<Job & { at: Date }>(text, [ids], { name: 'job-lock' })
    return { jobs: rows.map(({ at: _at, ...job }) => job), at: rows.at(-1)?.at ?? new Date() }
  }

  /** What a step changed, in one statement. */
  async save(jobs: readonly Job[], attempts: readonly Attempt[]): Promise<void> {
    if (jobs.length === 0 && attempts.length === 0) return
    await this.sql.query(update, [JSON.stringify(jobs), JSON.stringify(attempts)], { name: 'job-save' })
  }

  async payload(id: string): Promise<JobPayload | undefined> {
    const text = 'select graph, extra, inputs, classes from jobs where id = $1'
    return (await this.sql.query<JobPayload>(text, [id], { name: 'job-payload' })).rows[0]
  }

  async graphs(ids: readonly string[]): Promise<Map<string, string>> {
    const text = 'select id, graph from jobs where id = any($1::uuid[])'
    const { rows } = await this.sql.query<{ id: string; graph: string }>(text, [ids], { name: 'job-graphs' })
    return new Map(rows.map(({ id, graph }) => [id, graph]))
  }

  /** Not prepared: which index serves best depends on the filter. */
  async list(filter: JobFilter, limit: number): Promise<Job[]> {
    const [beyond, order] = filter.oldestFirst ? ['>', 'asc'] : ['<', 'desc']
    const text = `
      select ${columns} from jobs j
      where ($1::uuid[] is null or j.space_id = any($1)) and ($2::text[] is null or j.status = any($2))
        and ($3::text is null or j.kind = $3) and ($4::uuid is null or j.session_id = $4)
        and ($5::uuid is null or j.workflow_id = $5) and ($6::uuid is null or j.created_by = $6)
        and ($7::timestamptz is null or j.created_at >= $7) and ($8::bigint is null or j.seq ${beyond} $8)
        and ($9::text is null or (j.seq > (select max(seq) from jobs) - ${searched} and (strpos(lower(j.name), $9) > 0
          or exists (select from unnest(j.models) m where strpos(lower(m), $9) > 0))))
      order by j.seq ${order} limit $10`
    const values = [
      filter.spaceIds,
      filter.statuses,
      filter.kind,
      filter.sessionId,
      filter.workflowId,
      filter.createdBy,
      filter.since,
      filter.afterSeq,
      filter.q?.toLowerCase(),
      limit,
    ]
    return (await this.sql.query<Job>(text, values)).rows
  }

  /** Queued jobs whose time is over, and jobs that have been `canceling` for a while. */
  async listDue(limit: number): Promise<{ expired: string[]; canceling: CancelingJob[] }> {
    const expired = await this.sql.query<{ id: string }>(
      `select id from jobs where status = 'queued' and expires_at <= now() limit $1`,
      [limit],
      { name: 'job-expired' },
    )
    const canceling = await this.sql.query<CancelingJob>(
      `select id as "jobId", attempt as number, worker_id as "workerId",
         (extract(epoch from now() - cancel_at) * 1000)::float8 as "sinceMs"
       from jobs where status = 'canceling' and cancel_at < now() - interval '1 second'
       order by cancel_at limit $1`,
      [limit],
      { name: 'job-canceling' },
    )
    return { expired: expired.rows.map(({ id }) => id), canceling: canceling.rows }
  }
}

export type CancelingJob = { jobId: string; number: number; workerId: string; sinceMs: number }
