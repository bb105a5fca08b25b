import { removeInbox } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { Bell } from '../scheduling/bell.ts'
import type { ControlStore } from '../control.store.ts'
import type { ControlMetrics } from '../metrics.ts'
import type { Dispatcher } from '../scheduling/dispatcher.ts'
import type { QueueRepository } from '../jobs/queue.repository.ts'
import type { SchedulingRepository } from '../scheduling/scheduling.repository.ts'
import type { WorkerCalls } from '../workers/worker-calls.ts'
import type { OpenAttempt } from './attempts.repository.ts'

export type ReconcilerOptions = {
  bus: Bus
  store: ControlStore
  scheduling: SchedulingRepository
  queue: QueueRepository
  dispatcher: Dispatcher
  calls: WorkerCalls
  metrics: ControlMetrics
  /** Jobs may be waiting again. */
  onRoom: () => void
}

const sweepMs = 1_000
/** Reads all that waits. */
const depthsEveryMs = 5_000
const batch = 200
/** Each with its graph. */
const outputsBatch = 50
/** A worker that beats does not list it: its message is sent again after the first, it is given up after the second. */
const sendAgainMs = 3_000
const giveUpMs = 15_000
/** A worker that was told to stop and neither stops nor dies. */
const stuckMs = 30_000
const goneMs = 5 * 60_000

/**
 * Compares ledger, inboxes and workers, and repairs: nothing depends on a message arriving once. Runs on the
 * replica that leads.
 */
export class Reconciler {
  private readonly options: ReconcilerOptions
  private readonly sentAgain = new Map<string, number>()
  private depthsAt = -Infinity

  constructor(options: ReconcilerOptions) {
    this.options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const pause = new Bell()
    let first = true
    while (!signal.aborted) {
      try {
        if (first) await this.takeOver()
        first = false
        await this.sweep()
      } catch (cause) {
        this.options.bus.log.warn({ err: cause }, 'a sweep failed and is repeated')
      }
      await pause.wait(sweepMs, signal)
    }
  }

  /** The leader before may have died between a commit and its message. What is there already is dropped as a copy. */
  private async takeOver(): Promise<void> {
    const { scheduling, dispatcher } = this.options
    dispatcher.send(await scheduling.listBound())
    await this.tellOutputs()
  }

  /**
   * A stream may have lost in a power cut what it had acknowledged, and then no row of an outbox tells of it. The
   * gallery knows outputs by their ids: what it has, or what was deleted, it leaves alone.
   */
  private async tellOutputs(): Promise<void> {
    const { store, scheduling } = this.options
    const ids = await scheduling.listJustSucceeded()
    for (let from = 0; from < ids.length; from += outputsBatch) {
      await store.tellOutputsAgain(ids.slice(from, from + outputsBatch))
    }
  }

  private async sweep(): Promise<void> {
    await this.sweepDue()
    await this.sweepMissing()
    await this.lose(await this.options.store.attempts.listStranded(batch), {
      code: 'WORKER_LOST',
      message: 'Its worker was gone when it was given to it',
    })
    await this.sweepGone()
    const { metrics, scheduling, queue } = this.options
    metrics.queueSeen(await scheduling.countWaiting())
    if (performance.now() - this.depthsAt < depthsEveryMs) return
    this.depthsAt = performance.now()
    metrics.depthsSeen(await queue.depths())
  }

  private async sweepDue(): Promise<void> {
    const { store, calls, onRoom } = this.options
    const { expired, canceling } = await store.jobs.listDue(batch)
    const steps = await store.apply(expired.map((jobId) => ({ jobId, event: { type: 'expire' } })))
    for (const step of steps) if (step.stop) calls.stop(step.stop)
    if (steps.length > 0) onRoom()

    const stuck = canceling.filter(({ sinceMs }) => sinceMs > stuckMs)
    const again = canceling.filter((job) => !stuck.includes(job))
    for (const { jobId, number, workerId } of again) calls.stop({ jobId, number, workerId })
    await this.lose(stuck, { code: 'STUCK', message: 'It was told to stop and did not' })
  }

  private async sweepMissing(): Promise<void> {
    const { store, scheduling, dispatcher } = this.options
    const missing = await store.attempts.listMissing(sendAgainMs)
    const late = missing.filter(({ missingMs }) => (missingMs ?? 0) > giveUpMs)
    const resend = missing.filter((attempt) => attempt.state === 'bound' && !late.includes(attempt))
    const unsent = resend.filter((attempt) => this.isDue(attempt))
    if (unsent.length > 0) {
      dispatcher.sendAgain(await scheduling.listBound(unsent.map(({ jobId }) => jobId)))
    }
    await this.lose(late, { code: 'ATTEMPT_LOST', message: 'Its worker does not know of it' })
  }

  /** Once in a while for each, not with every sweep. */
  private isDue({ jobId, number }: OpenAttempt): boolean {
    const key = `${jobId}:${number}`
    const now = performance.now()
    const last = this.sentAgain.get(key)
    if (last !== undefined && now - last < sendAgainMs) return false
    if (this.sentAgain.size > 10_000) this.sentAgain.clear()
    this.sentAgain.set(key, now)
    return true
  }

  private async lose(
    attempts: readonly { jobId: string; number: number }[],
    error: { code: string; message: string },
  ): Promise<void> {
    const { store, onRoom } = this.options
    if (attempts.length === 0) return
    await store.apply(
      attempts.map(({ jobId, number }) => ({
        jobId,
        event: { type: 'lost', attempt: number, death: false, error },
      })),
    )
    onRoom()
  }

  private async sweepGone(): Promise<void> {
    const { bus, store } = this.options
    for (const id of await store.workers.listGone(goneMs)) {
      if (await store.workers.remove(id)) await removeInbox(bus, id)
    }
  }
}
