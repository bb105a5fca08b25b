import { AppError, canRead, notFound, parseJson, requireWrite } from '@easel/protocol'
import type { Snapshots } from '@easel/bus'
import type {
  JobExplanation,
  JobGraph,
  JobPage,
  JobPhase,
  JobProgress,
  JobView,
  ListJobs,
} from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import type { AcceptedJob, ControlStore } from '../control.store.ts'
import { phaseOf } from '../models/model-wait.ts'
import type { ModelWait } from '../models/model-wait.ts'
import type { ModelWaitsRepository } from '../models/model-waits.repository.ts'
import type { WorkerCalls } from '../workers/worker-calls.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { toJobView } from './job-view.ts'
import { isTerminal } from './job.ts'
import type { Attempt, Job } from './job.ts'
import type { QueueService } from './queue.service.ts'
import { documentOf } from './submission.service.ts'
import type { SubmissionService } from './submission.service.ts'

const defaultLimit = 50
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export type JobsParts = {
  store: ControlStore
  queue: QueueService
  submissions: SubmissionService
  snapshots: Snapshots
  calls: WorkerCalls
  waits: Pick<ModelWaitsRepository, 'list'>
  /** A slot may have become free. */
  onRoom: () => void
}

export class JobsService {
  constructor(private readonly parts: JobsParts) {}

  async get(actor: Actor, id: string): Promise<JobView> {
    return this.viewOf(await this.readable(actor, id))
  }

  /** As `viewOf`, of a job that has just been accepted: it has no attempts yet. */
  async viewOfNew(job: Job | AcceptedJob): Promise<JobView> {
    return { ...toJobView(job, []), ...(await this.parts.queue.standingOf(job)) }
  }

  async viewOf(job: Job): Promise<JobView> {
    const [attempts, waits] = await Promise.all([
      this.parts.store.attempts.listOf([job.id]),
      this.waitsOf([job]),
    ])
    return {
      ...(await this.withProgress(job, attempts.get(job.id) ?? [], waits.get(job.id))),
      ...(await this.parts.queue.standingOf(job)),
    }
  }

  async list(actor: Actor, input: ListJobs): Promise<JobPage> {
    const limit = input.limit ?? defaultLimit
    const mine = Object.keys(actor.spaces)
    const all = actor.role === 'admin' ? undefined : mine
    const spaceIds = input.spaceId === undefined ? all : [input.spaceId].filter((id) => canRead(actor, id))
    const { status: statuses, kind, sessionId, workflowId, createdBy, since, q } = input
    const afterSeq = input.cursor === undefined ? undefined : readCursor(input.cursor)
    const oldestFirst = input.sort === 'oldest'
    const filter = {
      spaceIds,
      statuses,
      kind,
      sessionId,
      workflowId,
      createdBy,
      since,
      q,
      oldestFirst,
      afterSeq,
    }
    const jobs = await this.parts.store.jobs.list(filter, limit + 1)
    const shown = jobs.slice(0, limit)
    const [attempts, waits, standings] = await Promise.all([
      this.parts.store.attempts.listOf(shown.map(({ id }) => id)),
      this.waitsOf(shown),
      this.parts.queue.standingsOf(shown),
    ])
    const last = jobs.length > limit ? shown.at(-1) : undefined
    return {
      items: await Promise.all(
        shown.map(async (job) => ({
          ...(await this.withProgress(job, attempts.get(job.id) ?? [], waits.get(job.id))),
          ...standings.get(job.id),
        })),
      ),
      nextCursor: last ? writeCursor(last.seq) : null,
    }
  }

  async cancel(actor: Actor, id: string): Promise<JobView> {
    const job = await this.readable(actor, id)
    requireWrite(actor, job.spaceId)
    const [step] = await this.parts.store.apply([{ jobId: job.id, event: { type: 'cancel' } }])
    if (!step) throw notFound('job', 'JOB_NOT_FOUND')
    if (step.stop) this.parts.calls.stop(step.stop)
    if (step.event) this.parts.onRoom()
    return this.withProgress(step.job, step.attempts)
  }

  /** The same graph, checked anew and with today's definitions, as a job of its own. */
  async retry(actor: Actor, id: string): Promise<JobView> {
    const job = await this.readable(actor, id)
    requireWrite(actor, job.spaceId)
    if (!isTerminal(job.status)) {
      throw new AppError('conflict', 'The job has not ended yet', { reason: 'JOB_NOT_FINISHED' })
    }
    const payload = await this.payloadOf(job)
    const { spaceId, pool, priority, rank, name, sessionId, webhookUrl, workflowId, workflowVersion } = job
    const { labels, environment, minVram } = job
    const again = await this.parts.submissions.queue({
      actor,
      document: documentOf(payload.graph),
      extra: payload.extra === null ? undefined : parseJson(payload.extra),
      spaceId,
      pool,
      priority,
      rank,
      labels,
      environment,
      minVram,
      name,
      sessionId,
      webhookUrl,
      workflowId,
      workflowVersion,
      expiresInSeconds: null,
      missingModels: modeOf(job, actor),
      retryOf: job.id,
      idempotency: null,
    })
    return this.viewOf(again)
  }

  async explain(actor: Actor, id: string): Promise<JobExplanation> {
    const job = await this.readable(actor, id)
    const wait = (await this.waitsOf([job])).get(job.id)
    return this.parts.queue.explain(job, [...(await this.payloadOf(job)).classes], wait)
  }

  async getGraph(actor: Actor, id: string): Promise<JobGraph> {
    const payload = await this.payloadOf(await this.readable(actor, id))
    const inputs = parseJson(payload.inputs) as { key: string; assetId: string }[]
    return {
      graph: documentOf(payload.graph),
      inputs: Object.fromEntries(inputs.map(({ key, assetId }) => [key, `asset:${assetId}`])),
    }
  }

  /** What is not there and what is not theirs look the same. */
  private async readable(actor: Actor, id: string): Promise<Job> {
    const job = uuid.test(id) ? await this.parts.store.jobs.find(id) : undefined
    if (!job || !canRead(actor, job.spaceId)) throw notFound('job', 'JOB_NOT_FOUND')
    return job
  }

  private async payloadOf(job: Job) {
    const payload = await this.parts.store.jobs.payload(job.id)
    if (!payload) throw notFound('job', 'JOB_NOT_FOUND')
    return payload
  }

  /** Of few jobs there is one: for the others nobody is asked. */
  private async waitsOf(jobs: readonly Job[]): Promise<ReadonlyMap<string, ModelWait>> {
    const waiting = jobs.filter(({ status, missingModels }) => status === 'queued' && missingModels !== null)
    return waiting.length === 0 ? new Map() : this.parts.waits.list(waiting.map(({ id }) => id))
  }

  private async withProgress(job: Job, attempts: readonly Attempt[], wait?: ModelWait): Promise<JobView> {
    const view = toJobView(job, attempts)
    if (wait) return { ...view, ...phaseOf(wait) }
    if (job.status !== 'running' && job.status !== 'canceling') return view
    const last = await this.parts.snapshots.get(job.id)
    if (!last || last.attempt !== job.attempt) return view
    const { phase, value, node, nodeClass, step, steps } = last as Partial<JobProgress> & { phase?: JobPhase }
    return {
      ...view,
      phase: phase ?? null,
      ...(value !== undefined && { progress: { value, node, nodeClass, step, steps } }),
    }
  }
}

/** Whoever may not download has no job do it either: theirs waits until somebody has. */
function modeOf({ missingModels }: Job, { scopes }: Actor): 'refuse' | 'wait' | 'fetch' {
  if (missingModels === 'fetch' && !scopes.includes('models:write')) return 'wait'
  return missingModels ?? 'refuse'
}
