import { jobChanged, outputsMade } from '@easel/contracts'
import { factSubject, newId, parseJson } from '@easel/protocol'
import type { GraphJson } from '@easel/contracts'
import type { Database, Outbox } from '@easel/database'
import { AccountsRepository } from './accounts/accounts.repository.ts'
import { admit } from './accounts/admission.ts'
import { settlementOf } from './accounts/settlement.ts'
import { AttemptsRepository } from './attempts/attempts.repository.ts'
import { advance } from './jobs/job-machine.ts'
import { draftOf } from './jobs/job-draft.ts'
import { toJobView } from './jobs/job-view.ts'
import { JobsRepository } from './jobs/jobs.repository.ts'
import { WorkersRepository } from './workers/workers.repository.ts'
import type { EndedAttempt, JobEvent, JobState, Step } from './jobs/job-machine.ts'
import type { Job } from './jobs/job.ts'
import type { Added, NewJob, ToldFact } from './jobs/jobs.repository.ts'
import type { Demand } from './accounts/refusals.ts'
import type { ControlMetrics } from './metrics.ts'
import type { Sql } from './sql.ts'

export type Repositories = {
  jobs: JobsRepository
  attempts: AttemptsRepository
  workers: WorkersRepository
  accounts: AccountsRepository
}

/** The outbox exists only inside a transaction, so a fact cannot be sent without its row. */
export type ControlTx = Repositories & {
  outbox: Outbox
  /** Events that the transaction puts into the outbox: counted when it is committed. */
  told: string[]
  /** Attempts that it ends: learned from when it is committed. */
  ended: EndedAttempt[]
  /** What it charges to budgets: counted when it is committed. */
  charges: { gpuSeconds: number; costMicros: number }[]
}

export type AcceptedJob = Job & Pick<Added, 'before'>

export type Happening = { jobId: string; event: JobEvent }

export class ControlStore implements Repositories {
  readonly jobs: JobsRepository
  readonly attempts: AttemptsRepository
  readonly workers: WorkersRepository
  readonly accounts: AccountsRepository
  private readonly database: Database
  private readonly metrics: ControlMetrics
  private readonly onEnded: (attempts: readonly EndedAttempt[]) => void

  constructor(
    database: Database,
    metrics: ControlMetrics,
    onEnded: (attempts: readonly EndedAttempt[]) => void,
  ) {
    this.database = database
    this.metrics = metrics
    this.onEnded = onEnded
    const { jobs, attempts, workers, accounts } = repositories(database)
    this.jobs = jobs
    this.attempts = attempts
    this.workers = workers
    this.accounts = accounts
  }

  /**
   * Durable when it resolves; undefined when this user has used the idempotency key before. Where limits hold, what
   * they hold back and the job are one transaction, and it throws when there is too little left.
   */
  async accept(job: NewJob, demand?: Demand): Promise<AcceptedJob | undefined> {
    const draft = draftOf(job)
    const payload = { event: 'job.queued', job: toJobView(draft, []), webhookUrl: job.webhookUrl }
    const told: ToldFact = {
      id: newId(),
      subject: factSubject(jobChanged),
      payload: JSON.stringify(payload),
      headers: this.database.headers(),
    }
    const added = demand ? await this.insertLimited(job, told, demand) : await this.jobs.insert(job, told)
    if (!added) return undefined
    this.database.outboxWritten()
    this.metrics.jobsTold(['job.queued'])
    return { ...draft, ...added }
  }

  /** Limits first: whoever is refused has written nothing. A repeated key takes nothing, either. */
  private async insertLimited(job: NewJob, told: ToldFact, demand: Demand): Promise<Added | undefined> {
    const repeated = new Error('The idempotency key was used before')
    try {
      return await this.database.transact(async (tx) => {
        const { jobs, accounts } = repositories(tx)
        await admit(accounts, demand)
        const added = await jobs.insert(job, told)
        if (!added) throw repeated
        return added
      })
    } catch (cause) {
      if (cause === repeated) return undefined
      throw cause
    }
  }

  async transact<T>(work: (tx: ControlTx) => Promise<T>): Promise<T> {
    let told: string[] = []
    let ended: EndedAttempt[] = []
    let charges: ControlTx['charges'] = []
    const result = await this.database.transact((tx) => {
      told = []
      ended = []
      charges = []
      return work({ ...repositories(tx), outbox: tx.outbox, told, ended, charges })
    })
    this.metrics.jobsTold(told)
    this.metrics.jobsCharged(charges)
    if (ended.length > 0) this.onEnded(ended)
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
    accounts: new AccountsRepository(sql),
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
  tx.ended.push(...steps.flatMap(({ ended = [] }) => ended))
  await save(tx, before, states)
  await announce(tx, steps)
  await settle(tx, before, states)
  return steps
}

/** Last of all: the rows of usage are shared by many, and locked until the commit. */
async function settle(
  tx: ControlTx,
  before: readonly JobState[],
  after: ReadonlyMap<string, JobState>,
): Promise<void> {
  const changes = settlementOf(
    before.map(({ job }) => job),
    new Map([...after].map(([id, { job }]) => [id, job])),
  )
  await tx.accounts.settle(changes)
  tx.charges.push(...changes.filter(({ scope, period }) => scope === 'space' && period === 'day'))
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
