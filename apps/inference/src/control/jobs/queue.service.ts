import type { JobExplanation, PoolList, WaitingReason } from '@easel/contracts'
import type { AccountsRepository } from '../accounts/accounts.repository.ts'
import type { LimitsCache } from '../accounts/limits.ts'
import type { AcceptedJob } from '../control.store.ts'
import { reasonsOf } from '../models/model-wait.ts'
import type { ModelWait } from '../models/model-wait.ts'
import type { OutlookRepository } from '../outlook/outlook.repository.ts'
import type { Outlooks, PoolOutlook } from '../outlook/outlooks.ts'
import type { Outlook, Standing } from '../outlook/outlook.ts'
import { reasonsAtWorkers } from '../outlook/waiting-reasons.ts'
import type { SchedulingRepository } from '../scheduling/scheduling.repository.ts'
import type { KnownClasses } from '../scheduling/snapshot.ts'
import { isTerminal } from './job.ts'
import { countedBefore } from './jobs.repository.ts'
import type { Job } from './job.ts'
import type { QueueRepository } from './queue.repository.ts'

export type QueueServiceParts = {
  queue: QueueRepository
  scheduling: Pick<SchedulingRepository, 'listPlaces'>
  known: KnownClasses
  outlooks: Outlooks
  outlookRows: OutlookRepository
  accounts: Pick<AccountsRepository, 'countJobs'>
  limits: Pick<LimitsCache, 'current'>
}

const nowhere: Standing = { position: null, etaSeconds: null }

/** Where a job stands, when it will probably have run, and why it waits. */
export class QueueService {
  private readonly parts: QueueServiceParts

  constructor(parts: QueueServiceParts) {
    this.parts = parts
  }

  async standingOf(job: Job | AcceptedJob): Promise<Standing> {
    if (job.status === 'running') return { position: null, etaSeconds: timeLeftOf(job) }
    if (job.status !== 'queued') return nowhere
    if ('before' in job) return this.standingOfNew(job)
    const { outlook, ends } = await this.parts.outlooks.of(job.pool)
    if (job.workerId !== null) return { position: 1, etaSeconds: wholeSeconds(ends.get(job.id)) }
    const known = outlook.of(job.id)
    if (known) return known
    const { outlook: newer } = await this.parts.outlooks.again(job.pool)
    return newer.of(job.id) ?? this.standingBehind(job, newer)
  }

  /** Of many: as far as one look at each queue tells. Who stands very far behind has none. */
  async standingsOf(jobs: readonly Job[]): Promise<ReadonlyMap<string, Standing>> {
    const byPool = Map.groupBy(
      jobs.filter(({ status }) => status === 'queued'),
      ({ pool }) => pool,
    )
    const looks = new Map(
      await Promise.all(
        [...byPool].map(async ([pool, waiting]) => [pool, await this.lookFor(pool, waiting)] as const),
      ),
    )
    return new Map(jobs.map((job) => [job.id, standingIn(looks.get(job.pool), job)]))
  }

  async explain(job: Job, classes: string[], wait?: ModelWait): Promise<JobExplanation> {
    const standing = await this.standingOf(job)
    const fetchable = job.modelFiles?.map(({ name }) => name)
    const atWorkers = await this.reasonsFor({ ...job, classes, ...(fetchable && { fetchable }) }, standing)
    const reasons = [...(wait ? reasonsOf(wait) : []), ...atWorkers]
    return { id: job.id, status: job.status, ...standing, reasons }
  }

  async listPools(): Promise<PoolList> {
    const rows = await this.parts.queue.pools()
    return {
      items: rows.map(({ oldestSeconds, ...row }) => ({ ...row, oldestQueuedSeconds: oldestSeconds })),
    }
  }

  private async lookFor(pool: string, waiting: readonly Job[]): Promise<PoolOutlook> {
    const { outlooks } = this.parts
    const look = await outlooks.of(pool)
    const isKnown = ({ id, workerId }: Job) => workerId !== null || look.outlook.of(id) !== undefined
    return waiting.every(isKnown) ? look : outlooks.again(pool)
  }

  /** Of one of very many. */
  private async standingBehind(job: Job, outlook: Outlook): Promise<Standing> {
    const flow = flowOf(job)
    const before = await this.parts.outlookRows.countBefore(job, flow)
    return outlook.behind(flow, before, job.estimate)
  }

  /** A submission waits for nothing but what it needs: the place is by the outlook that is there, as far as one is. */
  private async standingOfNew(job: AcceptedJob): Promise<Standing> {
    const { outlooks } = this.parts
    const glance = outlooks.glance(job.pool)
    if (!glance && job.before === 0) return { position: 1, etaSeconds: null }
    const { outlook } = glance ?? (await outlooks.of(job.pool))
    const { position, etaSeconds } = outlook.add(flowOf(job), job.estimate)
    // How many there are in all was counted with the insert, as long as they are few.
    const most = job.before < countedBefore ? job.before + 1 : Infinity
    return { position: position === null ? null : Math.min(position, most), etaSeconds }
  }

  private async reasonsFor(
    job: Job & { classes: string[]; fetchable?: readonly string[] },
    { position }: Standing,
  ): Promise<WaitingReason[]> {
    if (isTerminal(job.status)) return []
    if (job.workerId !== null) return [atWorker(job)]
    const [all, limits] = await Promise.all([this.parts.scheduling.listPlaces(), this.limitsOf(job)])
    const places = all.filter(({ pool }) => pool === job.pool)
    if (places.length === 0) {
      return [...limits, { code: 'NO_WORKER', message: `No worker serves the pool “${job.pool}”` }]
    }
    const { reasons, free } = reasonsAtWorkers(job, places, this.parts.known)
    const others = position !== null && position > 1 ? [othersFirst(position - 1)] : []
    if (limits.length + others.length + reasons.length > 0 && !free) return [...limits, ...others, ...reasons]
    if (limits.length + others.length > 0) return [...limits, ...others]
    return [{ code: 'NEXT', message: 'A worker is free for it' }]
  }

  private async limitsOf({ spaceId, createdBy }: Job): Promise<WaitingReason[]> {
    const { accounts, limits } = this.parts
    const book = await limits.current()
    const [space, user] = [book.ofSpace(spaceId).maxRunning, book.ofUser(createdBy).maxRunning]
    const reasons: WaitingReason[] = []
    if (space !== null) {
      const { running } = await accounts.countJobs({ scope: 'space', subject: spaceId })
      const message = `Its space runs ${running} of ${space}`
      if (running >= space) reasons.push({ code: 'SPACE_AT_LIMIT', message })
    }
    if (user !== null) {
      const { running } = await accounts.countJobs({ scope: 'user', subject: createdBy })
      const message = `Its submitter runs ${running} of ${user}`
      if (running >= user) reasons.push({ code: 'USER_AT_LIMIT', message })
    }
    return reasons
  }
}

function standingIn(look: PoolOutlook | undefined, job: Job): Standing {
  if (job.status === 'running') return { position: null, etaSeconds: timeLeftOf(job) }
  if (job.status !== 'queued' || !look) return nowhere
  if (job.workerId !== null) return { position: 1, etaSeconds: wholeSeconds(look.ends.get(job.id)) }
  return look.outlook.of(job.id) ?? nowhere
}

const flowOf = ({ spaceId, createdBy, priority }: Job) => ({ spaceId, userId: createdBy, priority })

/** A guess for people: the clocks of two machines may differ. */
function timeLeftOf({ startedAt, estimate }: Job): number | null {
  if (!startedAt) return null
  const left = estimate - (Date.now() - startedAt.getTime()) / 1_000
  return left > 0 ? Math.ceil(left) : null
}

const wholeSeconds = (seconds: number | undefined): number | null =>
  seconds === undefined ? null : Math.ceil(seconds)

function atWorker({ status, workerId }: Job): WaitingReason {
  const workers = [workerId ?? '']
  if (status !== 'queued') return { code: 'RUNNING', message: `It runs on ${workerId}`, workers }
  const message = `It lies ready at ${workerId} and runs when that is done with the one before`
  return { code: 'BOUND', message, workers }
}

function othersFirst(count: number): WaitingReason {
  const message = count === 1 ? 'One job is served before it' : `${count} jobs are served before it`
  return { code: 'OTHERS_FIRST', message }
}
