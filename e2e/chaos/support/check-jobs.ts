import type { Json } from '../../support/api.ts'
import type { CheckContext } from './check-context.ts'
import { terminal } from './ledger.ts'
import type { Accepted } from './load.ts'

/** What a job that can succeed may fail of here: what was done to it, not to its graph. */
const excuses = [
  'POISON',
  'OUT_OF_MEMORY',
  'STUCK',
  'TIMEOUT',
  'COMFYUI_LOST',
  'COMFYUI_PROTOCOL',
  'WORKER_LOST',
  'INTERRUPTED',
]

type Attempt = { number: number; state: string }

/** I1, and of I2 what a job itself says. Gives the jobs as their owners see them. */
export async function checkJobs({ load, owner, findings }: CheckContext): Promise<Map<string, Json>> {
  const jobs = new Map<string, Json>()
  await inParallel([...load.accepted.values()], async (accepted) => {
    const answer = await owner(accepted.person).send('GET', `/api/jobs/${accepted.id}`)
    if (answer?.status !== 200) {
      findings.violated('I1', `job ${accepted.id} was promised and answers ${answer?.status}`)
      return
    }
    jobs.set(accepted.id, answer.body)
    for (const fault of faultsOf(accepted, answer.body)) {
      findings.violated('I1', `job ${accepted.id} (${accepted.shape}) ${fault}`)
    }
  })
  findings.lookedAt('accepted jobs', load.accepted.size)
  for (const status of [...terminal, 'queued', 'running', 'canceling']) {
    const count = [...jobs.values()].filter((job) => job.status === status).length
    if (count > 0) findings.lookedAt(`jobs ${status}`, count)
  }
  const codes = Map.groupBy(
    [...jobs.values()].filter(({ error }) => error),
    ({ error }) => String(error.code),
  )
  for (const [code, failed] of codes) findings.lookedAt(`jobs failed with ${code}`, failed.length)
  for (const lie of load.broken) findings.violated('I6', lie)
  return jobs
}

function faultsOf(accepted: Accepted, job: Json): string[] {
  const { status, outputs, error, attempts } = job as {
    status: string
    outputs: Json[]
    error: Json | null
    attempts: Attempt[]
  }
  const faults: string[] = []
  if (!terminal.includes(status)) faults.push(`is ${status}: ${JSON.stringify(attempts)}`)
  const wins = attempts.filter((attempt) => attempt.state === 'succeeded')
  if (wins.length !== (status === 'succeeded' ? 1 : 0)) {
    faults.push(`is ${status} with ${wins.length} attempts that succeeded`)
  }
  if (attempts.some((attempt) => ['bound', 'running'].includes(attempt.state))) {
    faults.push('has ended, and an attempt of it is open')
  }
  if (status === 'succeeded' && outputs.length !== (accepted.shape === 'many' ? 3 : 1)) {
    faults.push(`has ${outputs.length} outputs`)
  }
  if (status !== 'succeeded' && outputs.length > 0) faults.push(`is ${status} and has outputs`)
  if (accepted.shape === 'failing' && status === 'succeeded') faults.push('cannot succeed and did')
  const code = String(error?.code)
  const excused = accepted.shape === 'failing' || excuses.includes(code)
  if (status === 'failed' && !excused) faults.push(`failed with ${code}: ${String(error?.message)}`)
  if (status === 'canceled' && !accepted.canceled) faults.push('was canceled by nobody')
  if (status === 'expired' && accepted.shape !== 'fleeting') faults.push('expired without a limit')
  return faults
}

/** Of the ledger's side: no job is settled twice, nothing is left open. */
export async function checkLedger({ ledger, findings }: CheckContext): Promise<void> {
  const open = await ledger.ask<{ id: string; status: string }>(
    'select id, status from inference.jobs where not status = any($1)',
    [terminal],
  )
  for (const { id, status } of open) findings.violated('I1', `the ledger has job ${id} as ${status}`)
  const attempts = await ledger.ask<{ job: string; number: number; state: string }>(
    `select job_id as job, number, state from inference.attempts where state in ('bound', 'running')`,
  )
  for (const { job, number, state } of attempts) {
    findings.violated('I4', `attempt ${number} of job ${job} is still ${state}`)
  }
  const twice = await ledger.ask<{ job: string; wins: number }>(
    `select job_id as job, count(*)::int as wins from inference.attempts where state = 'succeeded'
     group by job_id having count(*) > 1`,
  )
  for (const { job, wins } of twice) findings.violated('I2', `job ${job} has ${wins} results`)
  const told = await ledger.ask<{ job: string; types: string[] }>(
    `select subject as job, array_agg(type order by cursor) as types from gateway.activity
     where type = any($1) group by subject having count(*) > 1`,
    [terminal.map((status) => `job.${status}`)],
  )
  for (const { job, types } of told) {
    findings.violated('I1', `job ${job} was told to have ended more than once: ${types.join(', ')}`)
  }
  const untold = await ledger.ask<{ id: string; status: string }>(
    `select id, status from inference.jobs j where status = any($1) and not exists (
       select from gateway.activity a where a.subject = j.id::text and a.type = 'job.' || j.status)`,
    [terminal],
  )
  for (const { id, status } of untold) findings.violated('I6', `nobody was told that job ${id} is ${status}`)
  for (const schema of ['inference', 'gallery']) {
    const left = await ledger.count(`select count(*) from ${schema}.outbox where published_at is null`)
    if (left > 0) findings.violated('I4', `${left} facts lie in the outbox of ${schema}`)
  }
  findings.lookedAt('attempts', await ledger.count('select count(*) from inference.attempts'))
  findings.lookedAt(
    'attempts lost',
    await ledger.count(`select count(*) from inference.attempts where state = 'lost'`),
  )
}

/** I4: what every account has used is the sum of what its jobs were charged, and nothing is held back any more. */
export async function checkUsage({ ledger, findings }: CheckContext): Promise<void> {
  const wrong = await ledger.ask<{
    scope: string
    subject: string
    period: string
    used: number
    due: number
  }>(
    `with due as (
       select a.scope, a.subject, p.period, date_trunc(p.period, j.created_at at time zone 'UTC')::date as starts_on,
         sum(j.charged_seconds) as seconds, sum(j.charged_micros) as micros, count(*) as jobs
       from inference.jobs j
       cross join lateral (values ('space', j.space_id), ('user', j.created_by)) as a(scope, subject)
       cross join (values ('day'), ('month')) as p(period)
       group by 1, 2, 3, 4)
     select scope, subject, period, t.gpu_seconds as used, d.seconds as due
     from inference.usage_totals t full join due d using (scope, subject, period, starts_on)
     where abs(coalesce(t.gpu_seconds, 0) - coalesce(d.seconds, 0)) > 1e-6 * greatest(1, d.seconds)
       or coalesce(t.cost_micros, 0) <> coalesce(d.micros, 0) or coalesce(t.jobs, 0) <> coalesce(d.jobs, 0)`,
  )
  for (const { scope, subject, period, used, due } of wrong) {
    findings.violated('I4', `the ${period} of ${scope} ${subject} has ${used} GPU-seconds, its jobs ${due}`)
  }
  const held = await ledger.ask<{ scope: string; subject: string; seconds: number }>(
    `select scope, subject, reserved_seconds as seconds from inference.usage_totals
     where reserved_seconds > 1e-6 or reserved_micros > 0`,
  )
  for (const { scope, subject, seconds } of held) {
    findings.violated('I4', `${seconds} GPU-seconds of ${scope} ${subject} are still held back`)
  }
  const free = await ledger.count(
    `select count(*) from inference.jobs where status in ('failed', 'expired') and charged_seconds > 0`,
  )
  if (free > 0) findings.violated('I4', `${free} jobs that came to nothing were charged`)
  findings.lookedAt('rows of usage', await ledger.count('select count(*) from inference.usage_totals'))
}

const atOnce = 8

export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const one = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}
