import type { Job } from '../jobs/job.ts'
import type { Sql } from '../sql.ts'
import type { ModelWait } from './model-wait.ts'

/** A wait with what of its job decides over it. */
export type OpenWait = ModelWait & {
  mode: 'wait' | 'fetch'
  /** Of the job. */
  status: string
  workerId: string | null
  pool: string
  spaceId: string
  createdBy: string
  classes: string[]
  models: string[]
  loras: string[]
  modelFiles: Job['modelFiles']
  /** Since it waits. */
  ageMs: number
}

const wait = `w.job_id as "jobId", w.state, w.files, w.download_id as "downloadId", w.rounds,
  w.bytes_done::float8 as "bytesDone", w.bytes_total::float8 as "bytesTotal"`

const reopenSeconds = 30
/** Another round: what is asked for now is another download. */
const fromTheStart = `state = 'looking', download_id = null, rounds = rounds + 1, next_at = now(), updated_at = now()`

/** It is one of the files. */
const names = (place: string): string =>
  `exists (select from jsonb_array_elements(files) f
    where ${place} in (f ->> 'folder' || '/' || (f ->> 'name'), f ->> 'name'))`

export class ModelWaitsRepository {
  constructor(private readonly sql: Sql) {}

  /** A row for each queued job that has none yet. */
  async adopt(limit: number): Promise<void> {
    await this.sql.query(
      `insert into model_waits (job_id, files)
       select j.id, coalesce((select jsonb_agg(jsonb_build_object('name', f, 'folder', null, 'state', 'unasked',
           'sha256', null, 'bytes', null, 'progress', 0, 'problem', null)) from unnest(j.models || j.loras) f), '[]')
       from jobs j
       where j.missing_models is not null and j.status = 'queued'
         and not exists (select from model_waits w where w.job_id = j.id)
       order by j.seq limit $1
       on conflict (job_id) do nothing`,
      [limit],
      { name: 'model-waits-adopt' },
    )
  }

  /** What was there when a job was let go to the scheduler may be gone: of those that are queued still. */
  async reopen(limit: number): Promise<void> {
    await this.sql.query(
      `update model_waits set ${fromTheStart} where job_id in (
         select w.job_id from model_waits w join jobs j on j.id = w.job_id
         where j.missing_models is not null and j.status = 'queued' and j.worker_id is null
           and w.state = 'done' and w.updated_at < now() - make_interval(secs => $1)
         order by w.updated_at limit $2)`,
      [reopenSeconds, limit],
      { name: 'model-waits-reopen' },
    )
  }

  /** A file is gone before any worker has listed it. False: none is waiting for it. */
  async lookAgain(place: string): Promise<boolean> {
    const { rowCount } = await this.sql.query(
      `update model_waits set ${fromTheStart} where state = 'placing' and ${names('$1')}`,
      [place],
      { name: 'model-waits-look-again' },
    )
    return (rowCount ?? 0) > 0
  }

  /** Those whose time has come, and those whose job waits no longer. */
  async listDue(limit: number): Promise<OpenWait[]> {
    const { rows } = await this.sql.query<OpenWait>(
      `select ${wait}, j.missing_models as mode, j.status, j.worker_id as "workerId", j.pool,
         j.space_id as "spaceId", j.created_by as "createdBy", j.classes, j.models, j.loras,
         j.model_files as "modelFiles", (extract(epoch from now() - w.created_at) * 1000)::float8 as "ageMs"
       from model_waits w join jobs j on j.id = w.job_id
       where w.state <> 'done' and (w.next_at <= now() or j.status <> 'queued' or j.worker_id is not null)
       order by w.next_at limit $1`,
      [limit],
      { name: 'model-waits-due' },
    )
    return rows
  }

  async save(changed: ModelWait, nextMs: number): Promise<void> {
    const { jobId, state, files, downloadId, rounds, bytesDone, bytesTotal } = changed
    await this.sql.query(
      `update model_waits set state = $2, files = $3, download_id = $4, rounds = $5, bytes_done = $6, bytes_total = $7,
         next_at = now() + make_interval(secs => $8 / 1000.0), updated_at = now()
       where job_id = $1`,
      [jobId, state, JSON.stringify(files), downloadId, rounds, bytesDone, bytesTotal, nextMs],
      { name: 'model-waits-save' },
    )
  }

  /** So that a worker with a cache can take the job. */
  async tellFiles(jobId: string, files: NonNullable<Job['modelFiles']>): Promise<void> {
    await this.sql.query(
      `update jobs set model_files = $2 where id = $1 and status = 'queued' and worker_id is null
         and model_files is distinct from $2::jsonb`,
      [jobId, JSON.stringify(files)],
      { name: 'model-waits-files' },
    )
  }

  async list(jobIds: readonly string[]): Promise<Map<string, ModelWait>> {
    if (jobIds.length === 0) return new Map()
    const { rows } = await this.sql.query<ModelWait>(
      `select ${wait} from model_waits w where w.job_id = any($1::uuid[])`,
      [jobIds],
      { name: 'model-waits-list' },
    )
    return new Map(rows.map((row) => [row.jobId, row]))
  }

  /** They are looked at now. False: none is waiting for it. */
  async hasten({ downloadId, place }: { downloadId?: string; place?: string }): Promise<boolean> {
    const { rowCount } = await this.sql.query(
      `update model_waits set next_at = now()
       where state <> 'done' and (download_id = $1 or ${names('$2')})`,
      [downloadId ?? null, place ?? null],
      { name: 'model-waits-hasten' },
    )
    return (rowCount ?? 0) > 0
  }
}
