import { publishLive, removeInbox } from '@easel/bus'
import { AppError, canRead, notFound } from '@easel/protocol'
import type { Bus } from '@easel/bus'
import type { BeatReply, RunningAttempt, WorkerBeat, WorkerView } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import { applyIn } from '../control.store.ts'
import type { OpenAttempt } from '../attempts/attempts.repository.ts'
import type { ControlStore } from '../control.store.ts'
import type { ControlMetrics } from '../metrics.ts'
import { toWorkerView } from './worker-view.ts'
import type { NodeDefinitions } from './node-definitions.ts'
import type { WorkerCalls } from './worker-calls.ts'
import type { Beaten } from './workers.repository.ts'

/** A message needs a moment from its commit to the worker's list. */
const onItsWayMs = 2_000
const maxWarm = 200

export class WorkersService {
  constructor(
    private readonly bus: Bus,
    private readonly store: ControlStore,
    private readonly definitions: NodeDefinitions,
    private readonly calls: WorkerCalls,
    private readonly metrics: ControlMetrics,
    /** Slots may have become free. */
    private readonly onRoom: () => void,
  ) {}

  async beat(beat: WorkerBeat): Promise<BeatReply> {
    const row = await this.store.workers.beat(stateOf(beat))
    const open = await this.store.attempts.listOpenOf(beat.id)
    this.definitions.want([{ id: row.id, definitions: row.objectInfoHash }])

    const mine = open.filter(({ incarnation }) => incarnation === beat.incarnation)
    if (row.before && row.before.incarnation !== beat.incarnation) await this.replaced(beat, open)
    await this.compare(beat, mine)
    if (hasChanged(row)) this.announce(row, mine)
    return { drop: notIn(beat.attempts, mine), drain: row.drainRequested }
  }

  /** That a worker is busy everybody may know, but with whose jobs only who can see them. */
  async list(actor: Actor): Promise<WorkerView[]> {
    const [rows, open] = await Promise.all([this.store.workers.list(), this.store.attempts.listOpen()])
    return rows.map((row) => {
      const all = open.get(row.id) ?? []
      const seen = all.filter(({ spaceId }) => canRead(actor, spaceId))
      return { ...toWorkerView(row, running(all)), attempts: running(seen) }
    })
  }

  /** Until `resume`, or until the worker is started anew. */
  async drain(actor: Actor, id: string): Promise<void> {
    await this.requestDrain(actor, id, true)
    this.calls.drain(id)
  }

  async resume(actor: Actor, id: string): Promise<void> {
    await this.requestDrain(actor, id, false)
    this.calls.resume(id)
  }

  private async requestDrain(actor: Actor, id: string, drain: boolean): Promise<void> {
    if (actor.role !== 'admin') {
      throw new AppError('forbidden', 'Only an admin may drain or resume a worker', { reason: 'ADMIN_ONLY' })
    }
    if (!(await this.store.workers.requestDrain(id, drain))) throw notFound('worker', 'WORKER_NOT_FOUND')
  }

  /** Gives up a worker: what it held goes back to the queue. Whoever calls this is sure of it. */
  async lose(worker: { id: string; incarnation: string }, why: string): Promise<void> {
    const lost = await this.store.transact(async (tx) => {
      if (!(await tx.workers.markLost(worker.id, worker.incarnation))) return false
      const open = await tx.attempts.listOpenOf(worker.id)
      await applyIn(tx, lostHappenings(open, why))
      return true
    })
    if (!lost) return
    this.metrics.workerLost()
    this.bus.log.warn({ worker: worker.id, why }, 'a worker is lost')
    this.onRoom()
    const row = await this.store.workers.find(worker.id)
    if (row) this.publish(toWorkerView(row, []))
  }

  /** Another process under the same id: what the older one held is lost, and so is what lies in the inbox. */
  private async replaced(beat: WorkerBeat, open: readonly OpenAttempt[]): Promise<void> {
    const old = open.filter(({ incarnation }) => incarnation !== beat.incarnation)
    if (old.length > 0) await this.store.apply(lostHappenings(old, 'Its worker was started anew'))
    await removeInbox(this.bus, beat.id)
    await this.store.workers.markClean(beat.id, beat.incarnation, beat.ready)
    this.onRoom()
  }

  /** Notes which attempts the worker should hold but does not list. */
  private async compare(beat: WorkerBeat, mine: readonly OpenAttempt[]): Promise<void> {
    const listed = new Set(beat.attempts.map(keyOf))
    const missing = mine.filter(
      ({ jobId, number, boundMs }) => boundMs > onItsWayMs && !listed.has(keyOf({ jobId, attempt: number })),
    )
    const noted = mine.filter(({ missingMs }) => missingMs !== null)
    const same = noted.length === missing.length && noted.every((attempt) => missing.includes(attempt))
    if (!same) await this.store.attempts.markMissing(beat.id, missing)
  }

  private announce(row: Beaten, mine: readonly OpenAttempt[]): void {
    this.onRoom()
    this.publish(toWorkerView(row, running(mine)))
  }

  private publish(view: WorkerView): void {
    publishLive(this.bus, { spaceId: 'system', channel: 'worker-changed', key: view.id, data: { ...view } })
  }
}

function hasChanged({ before, ready, draining, incarnation }: Beaten): boolean {
  return (
    before === null ||
    before.lost ||
    before.ready !== ready ||
    before.draining !== draining ||
    before.incarnation !== incarnation
  )
}

function lostHappenings(open: readonly OpenAttempt[], message: string) {
  return open.map(({ jobId, number }) => ({
    jobId,
    event: { type: 'lost' as const, attempt: number, death: true, error: { code: 'WORKER_LOST', message } },
  }))
}

function notIn(listed: readonly RunningAttempt[], mine: readonly OpenAttempt[]): RunningAttempt[] {
  const known = new Set(running(mine).map(keyOf))
  return listed.filter((attempt) => !known.has(keyOf(attempt)))
}

const running = (open: readonly OpenAttempt[]): RunningAttempt[] =>
  open.map(({ jobId, number }) => ({ jobId, attempt: number }))

const keyOf = ({ jobId, attempt }: RunningAttempt): string => `${jobId}:${attempt}`

function stateOf(beat: WorkerBeat) {
  return {
    id: beat.id,
    incarnation: beat.incarnation,
    pool: beat.pool,
    ready: beat.ready,
    simulator: beat.simulator,
    draining: beat.draining,
    runSlots: beat.runSlots,
    prefetchSlots: beat.prefetchSlots,
    comfyVersion: beat.comfyVersion ?? null,
    gpu: beat.gpu ?? null,
    vramTotal: beat.vramTotal ?? null,
    vramFree: beat.vramFree ?? null,
    objectInfoHash: beat.objectInfoHash ?? null,
    labels: beat.labels,
    warm: (beat.warm ?? []).slice(0, maxWarm),
    environment: beat.environment ?? null,
    fetchesModels: beat.fetchesModels ?? false,
    costMicrosPerHour: beat.costMicrosPerHour ?? null,
    version: beat.version,
  }
}
