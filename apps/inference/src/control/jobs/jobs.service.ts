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

export class JobsService {
  constructor(
    private readonly store: ControlStore,
    private readonly queue: QueueService,
    private readonly submissions: SubmissionService,
    private readonly snapshots: Snapshots,
    private readonly calls: WorkerCalls,
    /** A slot may have become free. */
    private readonly onRoom: () => void,
  ) {}

  async get(actor: Actor, id: string): Promise<JobView> {
    return this.viewOf(await this.readable(actor, id))
  }

  /** As `viewOf`, of a job that has just been accepted: it has no attempts yet. */
  async viewOfNew(job: Job | AcceptedJob): Promise<JobView> {
    return { ...toJobView(job, []), ...(await this.queue.standingOf(job)) }
  }

  async viewOf(job: Job): Promise<JobView> {
    const attempts = await this.store.attempts.listOf([job.id])
    return {
      ...(await this.withProgress(job, attempts.get(job.id) ?? [])),
      ...(await this.queue.standingOf(job)),
    }
  }

  async list(actor: Actor, input: ListJobs): Promise<JobPage> {
    const limit = input.limit ?? defaultLimit
    const mine = Object.keys(actor.spaces)
    const all = actor.role === 'admin' ? undefined : mine
    const spaceIds = input.spaceId === undefined ? all : [input.spaceId].filter((id) => canRead(actor, id))
    const { status: statuses, kind, sessionId, workflowId, createdBy, since } = input
    const beforeSeq = input.cursor === undefined ? undefined : readCursor(input.cursor)
    const filter = { spaceIds, statuses, kind, sessionId, workflowId, createdBy, since, beforeSeq }
    const jobs = await this.store.jobs.list(filter, limit + 1)
    const shown = jobs.slice(0, limit)
    const attempts = await this.store.attempts.listOf(shown.map(({ id }) => id))
    const last = jobs.length > limit ? shown.at(-1) : undefined
    return {
      items: await Promise.all(shown.map((job) => this.withProgress(job, attempts.get(job.id) ?? []))),
      nextCursor: last ? writeCursor(last.seq) : null,
    }
  }

  async cancel(actor: Actor, id: string): Promise<JobView> {
    const job = await this.readable(actor, id)
    requireWrite(actor, job.spaceId)
    const [step] = await this.store.apply([{ jobId: job.id, event: { type: 'cancel' } }])
    if (!step) throw notFound('job', 'JOB_NOT_FOUND')
    if (step.stop) this.calls.stop(step.stop)
    if (step.event) this.onRoom()
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
    const again = await this.submissions.queue({
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
      retryOf: job.id,
      idempotency: null,
    })
    return this.viewOf(again)
  }

  async explain(actor: Actor, id: string): Promise<JobExplanation> {
    const job = await this.readable(actor, id)
    return this.queue.explain(job, [...(await this.payloadOf(job)).classes])
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
    const job = uuid.test(id) ? await this.store.jobs.find(id) : undefined
    if (!job || !canRead(actor, job.spaceId)) throw notFound('job', 'JOB_NOT_FOUND')
    return job
  }

  private async payloadOf(job: Job) {
    const payload = await this.store.jobs.payload(job.id)
    if (!payload) throw notFound('job', 'JOB_NOT_FOUND')
    return payload
  }

  private async withProgress(job: Job, attempts: readonly Attempt[]): Promise<JobView> {
    const view = toJobView(job, attempts)
    if (job.status !== 'running' && job.status !== 'canceling') return view
    const last = await this.snapshots.get(job.id)
    if (!last || last.attempt !== job.attempt) return view
    const { phase, value, node, nodeClass, step, steps } = last as Partial<JobProgress> & { phase?: JobPhase }
    return {
      ...view,
      phase: phase ?? null,
      ...(value !== undefined && { progress: { value, node, nodeClass, step, steps } }),
    }
  }
}
