import { jobChanged, outputsMade } from '@easel/contracts'
import { factSubject, newId, parseJson } from '@easel/protocol'
import type { GraphJson } from '@easel/contracts'
import type { Database, Outbox } from '@easel/database'
import { AttemptsRepository } from './attempts/attempts.repository.ts'
import { advance } from './jobs/job-machine.ts'
import { draftOf } from './jobs/job-draft.ts'
import { toJobView } from './jobs/job-view.ts'
import { JobsRepository } from './jobs/jobs.repository.ts'
import { WorkersRepository } from './workers/workers.repository.ts'
import type { JobEvent, JobState, Step } from './jobs/job-machine.ts'
import type { Job } from './jobs/job.ts'
import type { Added, NewJob } from './jobs/jobs.repository.ts'
import type { ControlMetrics } from './metrics.ts'
import type { Sql } from './sql.ts'

export type Repositories = {
  jobs: JobsRepository
  attempts: AttemptsRepository
  workers: WorkersRepository
}

/** The outbox exists only inside a transaction, so a fact cannot be sent without its row. */
export type ControlTx = Repositories & {
  outbox: Outbox
  /** Events that the transaction puts into the outbox: counted when it is committed. */
  told: string[]
}

export type AcceptedJob = Job & Pick<Added, 'before'>

export type Happening = { jobId: string; event: JobEvent }

export class ControlStore implements Repositories {
  readonly jobs: JobsRepository
  readonly attempts: AttemptsRepository
  readonly workers: WorkersRepository
  private readonly database: Database
  private readonly metrics: ControlMetrics

  constructor(database: Database, metrics: ControlMetrics) {
    this.database = database
    this.metrics = metrics
    const { jobs, attempts, workers } = repositories(database)
    this.jobs = jobs
    this.attempts = attempts
    this.workers = workers
  }

  /** Durable when it resolves; undefined when this user has used the idempotency key before. */
  async accept(job: NewJob): Promise<AcceptedJob | undefined> {
    const draft = draftOf(job)
    const payload = { event: 'job.queued', job: toJobView(draft, []), webhookUrl: job.webhookUrl }
    const added = await this.jobs.insert(job, {
      id: newId(),
      subject: factSubject(jobChanged),
      payload: JSON.stringify(payload),
      headers: this.database.headers(),
    })
    if (!added) return undefined
    this.database.outboxWritten()
    this.metrics.jobsTold(['job.queued'])
    return { ...draft, ...added }
  }

  async transact<T>(work: (tx: ControlTx) => Promise<T>): Promise<T> {
    let told: string[] = []
    const result = await this.database.transact((tx) => {
      told = []
      return work({ ...repositories(tx), outbox: tx.outbox, told })
    })
    this.metrics.jobsTold(told)
    return result
  }

  /** Outputs of jobs that have succeeded: the gallery takes those that it has not heard of. */
  tellOutputsAgain(jobIds: readonly string[]): Promise<void> {
    return this.transact(async (tx) => {
      const { jobs } = await tx.jobs.lock(jobIds)
      const attempts = await tx.attempts.listOf(jobIds)
      const made = jobs.filter(({ status, outputs }) => status === 'succeeded' && outputs.length > 0)
      await tellOutputs(
        tx,
        made.map((job) => ({ job, attempts: attempts.get(job.id) ?? [] })),
      )
    })
  }

  /** Applies what happened to jobs, in this order and in one transaction; gives each step, of unknown jobs none. */
  apply(happenings: readonly Happening[]): Promise<Step[]> {
    return this.transact((tx) => applyIn(tx, happenings))
  }
}

function repositories(sql: Sql): Repositories {
  return {
    jobs: new JobsRepository(sql),
    attempts: new AttemptsRepository(sql),
    workers: new WorkersRepository(sql),
  }
}

export async function applyIn(tx: ControlTx, happenings: readonly Happening[]): Promise<Step[]> {
  const { jobs, at } = await tx.jobs.lock([...new Set(happenings.map(({ jobId }) => jobId))])
  const attempts = await tx.attempts.listOf(jobs.map(({ id }) => id))
  const before = jobs.map((job): JobState => ({ job, attempts: attempts.get(job.id) ?? [] }))
  const states = new Map(before.map((state) => [state.job.id, state]))

  const steps: Step[] = []
  for (const { jobId, event } of happenings) {
    const state = states.get(jobId)
    if (!state) continue
    const step = advance(state, event, at)
    states.set(jobId, step)
    steps.push(step)
  }
  await save(tx, before, states)
  await announce(tx, steps)
  return steps
}

/** `advance` copies what it changes, so what is still the same object needs no writing. */
async function save(
  tx: ControlTx,
  before: readonly JobState[],
  after: ReadonlyMap<string, JobState>,
): Promise<void> {
  const known = new Set<unknown>(before.flatMap(({ job, attempts }) => [job, ...attempts]))
  const changed = [...after.values()]
  await tx.jobs.save(
    changed.map(({ job }) => job).filter((job) => !known.has(job)),
    changed.flatMap(({ attempts }) => attempts).filter((attempt) => !known.has(attempt)),
  )
}

/** Of a job with more outputs than a message holds, `job.…` tells the first, and each `outputsMade` a part. */
const outputsPerFact = 200

async function announce(tx: ControlTx, steps: readonly Step[]): Promise<void> {
  const told = steps.filter(({ event }) => event !== undefined)
  const entries = told.map(({ job, attempts, event = '' }) => ({
    key: job.id,
    payload: {
      event,
      job: toJobView({ ...job, outputs: job.outputs.slice(0, outputsPerFact) }, attempts),
      webhookUrl: job.webhookUrl,
    },
  }))
  await tx.outbox.addMany(jobChanged, entries)
  tx.told.push(...entries.map(({ payload }) => payload.event))

  await tellOutputs(
    tx,
    told.filter(({ event, job }) => event === 'job.succeeded' && job.outputs.length > 0),
  )
}

async function tellOutputs(tx: ControlTx, made: readonly JobState[]): Promise<void> {
  if (made.length === 0) return
  const graphs = await tx.jobs.graphs(made.map(({ job }) => job.id))
  await tx.outbox.addMany(
    outputsMade,
    made.flatMap(({ job, attempts }) => {
      const graph = parseJson(graphs.get(job.id) ?? '{}') as GraphJson
      return inParts(job.outputs).map((outputs) => ({
        key: job.id,
        payload: { job: toJobView({ ...job, outputs }, attempts), graph },
      }))
    }),
  )
}

function inParts<T>(items: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let from = 0; from < items.length; from += outputsPerFact) {
    parts.push(items.slice(from, from + outputsPerFact))
  }
  return parts
}
