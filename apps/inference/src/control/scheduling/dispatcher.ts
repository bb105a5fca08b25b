import { setTimeout as delay } from 'node:timers/promises'
import { sendWork } from '@easel/bus'
import { runWithTrace } from '@easel/observability'
import { parseJson } from '@easel/protocol'
import type { Bus } from '@easel/bus'
import type { GraphJson, RunAttempt, WorkerInput } from '@easel/contracts'
import type { TimeLimits } from '../estimates/time-limits.ts'
import type { BoundJob } from './scheduling.repository.ts'

const retryMs = 300
const maxTries = 30

/**
 * Puts bound jobs into the inboxes of their workers. The attempt's row is the record: the message is sent
 * after the commit that made it, and the reconciler sends again what did not arrive (a crash in between, a
 * bus that was away).
 */
export class Dispatcher implements AsyncDisposable {
  private readonly bus: Bus
  private readonly limits: TimeLimits
  private stopping = false
  private readonly underWay = new Set<Promise<void>>()

  constructor(bus: Bus, limits: TimeLimits) {
    this.bus = bus
    this.limits = limits
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping = true
    await Promise.all(this.underWay)
  }

  send(jobs: readonly BoundJob[]): void {
    for (const job of jobs) this.start(job, `${job.jobId}:${job.attempt}`)
  }

  /** For messages that got lost after the stream had taken them: it must not take this one for a copy. */
  sendAgain(jobs: readonly BoundJob[]): void {
    const again = Date.now()
    for (const job of jobs) this.start(job, `${job.jobId}:${job.attempt}:${again}`)
  }

  private start(job: BoundJob, id: string): void {
    const sending = this.deliver(job, id).finally(() => this.underWay.delete(sending))
    this.underWay.add(sending)
  }

  private async deliver(job: BoundJob, id: string): Promise<void> {
    for (let attempt = 0; attempt < maxTries && !this.stopping; attempt++) {
      try {
        const work = { id, payload: this.messageFor(job) }
        await runWithTrace({ traceparent: job.traceparent ?? undefined }, () =>
          sendWork(this.bus, job.workerId, work),
        )
        return
      } catch (cause) {
        const fields = { err: cause, job: job.jobId, worker: job.workerId }
        this.bus.log.warn(fields, 'work could not be sent and is sent again')
        await delay(retryMs)
      }
    }
  }

  private messageFor(job: BoundJob): RunAttempt {
    return {
      jobId: job.jobId,
      attempt: job.attempt,
      spaceId: job.spaceId,
      createdBy: job.createdBy,
      graph: parseJson(job.graph) as GraphJson,
      extra: job.extra === null ? null : (parseJson(job.extra) as Record<string, unknown>),
      inputs: parseJson(job.inputs) as WorkerInput[],
      models: job.models,
      ...(job.modelFiles && { modelFiles: job.modelFiles }),
      traceparent: job.traceparent,
      timeoutSeconds: this.limits.secondsFor(job),
    }
  }
}
