import type { Attempt } from '../jobs/job.ts'
import type { Sql } from '../sql.ts'

const columns = `job_id as "jobId", number, worker_id as "workerId", incarnation, state, death,
  bound_at as "boundAt", started_at as "startedAt", ended_at as "endedAt", gpu_seconds as "gpuSeconds", warm,
  error`

export type OpenAttempt = {
  jobId: string
  number: number
  workerId: string
  incarnation: string
  state: 'bound' | 'running'
  boundMs: number
  /** Since when its worker does not list it; undefined when it does. */
  missingMs: number | null
}

const openColumns = `job_id as "jobId", number, worker_id as "workerId", incarnation, state,
  (extract(epoch from now() - bound_at) * 1000)::float8 as "boundMs",
  (extract(epoch from now() - missing_since) * 1000)::float8 as "missingMs"`

export class AttemptsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async listOf(jobIds: readonly string[]): Promise<Map<string, Attempt[]>> {
    const byJob = new Map<string, Attempt[]>(jobIds.map((id) => [id, []]))
    if (jobIds.length === 0) return byJob
    const text = `select ${columns} from attempts where job_id = any($1::uuid[]) order by job_id, number`
    const { rows } = await this.sql.query<Attempt>(text, [jobIds], { name: 'attempts-of' })
    for (const row of rows) byJob.get(row.jobId)?.push(row)
    return byJob
  }

  async listOpenOf(workerId: string): Promise<OpenAttempt[]> {
    const text = `select ${openColumns} from attempts where worker_id = $1 and state in ('bound', 'running')`
    return (await this.sql.query<OpenAttempt>(text, [workerId], { name: 'attempts-open-of' })).rows
  }

  /** Of all workers, by worker. */
  async listOpen(): Promise<Map<string, (OpenAttempt & { spaceId: string })[]>> {
    const text = `
      select ${openColumns}, (select space_id from jobs where id = job_id) as "spaceId"
      from attempts where state in ('bound', 'running')`
    const { rows } = await this.sql.query<OpenAttempt & { spaceId: string }>(text, [], {
      name: 'attempts-open',
    })
    return Map.groupBy(rows, ({ workerId }) => workerId)
  }

  /** Notes which of them the worker's beat lists and which it does not. */
  async markMissing(workerId: string, missing: readonly OpenAttempt[]): Promise<void> {
    const text = `
      update attempts a set missing_since =
        case when m.number is null then null else coalesce(a.missing_since, now()) end
      from attempts b
      left join unnest($2::uuid[], $3::int[]) as m(job_id, number) using (job_id, number)
      where a.job_id = b.job_id and a.number = b.number
        and b.worker_id = $1 and b.state in ('bound', 'running')
        and (b.missing_since is null) <> (m.number is null)`
    const values = [workerId, missing.map(({ jobId }) => jobId), missing.map(({ number }) => number)]
    await this.sql.query(text, values, { name: 'attempts-mark-missing' })
  }

  /**
   * Those that no living process holds. The scheduler binds by what it read a moment before: when the worker is
   * given up or replaced in between, nobody else would ever look at the attempt again.
   */
  async listStranded(limit: number): Promise<OpenAttempt[]> {
    const text = `
      select ${openColumns} from attempts a
      where state in ('bound', 'running') and not exists (
        select from workers w where w.id = a.worker_id and w.incarnation = a.incarnation and w.lost_at is null)
      limit $1`
    return (await this.sql.query<OpenAttempt>(text, [limit], { name: 'attempts-stranded' })).rows
  }

  /** Those that their worker has not listed for so long. */
  async listMissing(missingMs: number): Promise<OpenAttempt[]> {
    const text = `
      select ${openColumns} from attempts
      where state in ('bound', 'running') and missing_since < now() - make_interval(secs => $1 / 1000.0)
      limit 500`
    return (await this.sql.query<OpenAttempt>(text, [missingMs], { name: 'attempts-missing' })).rows
  }
}
