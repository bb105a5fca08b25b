import { createClient } from '@easel/bus'
import { worker } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Bus } from '@easel/bus'
import type { Attempt } from '../jobs/job.ts'

/** Calls to one worker. They may fail: beats and sweeps bring about later what they could not. */
export class WorkerCalls {
  private readonly bus: Bus

  constructor(bus: Bus) {
    this.bus = bus
  }

  stop(attempt: Pick<Attempt, 'jobId' | 'number' | 'workerId'>): void {
    const { jobId, number, workerId } = attempt
    createClient(this.bus, worker, workerId)
      .cancel({ jobId, attempt: number }, { timeoutMs: 2_000 })
      .catch((cause: unknown) => {
        this.bus.log.warn({ err: cause, job: jobId, worker: workerId }, 'a worker could not be told to stop')
      })
  }

  drain(workerId: string): void {
    createClient(this.bus, worker, workerId)
      .drain({}, { timeoutMs: 2_000 })
      .catch((cause: unknown) => {
        this.bus.log.warn({ err: cause, worker: workerId }, 'a worker could not be told to drain')
      })
  }

  resume(workerId: string): void {
    createClient(this.bus, worker, workerId)
      .resume({}, { timeoutMs: 2_000 })
      .catch((cause: unknown) => {
        this.bus.log.warn({ err: cause, worker: workerId }, 'a worker could not be told to go on')
      })
  }

  /** What its ComfyUI can load has changed: it reads its node definitions anew, and its next beat tells of them. */
  refreshDefinitions(workerId: string): void {
    createClient(this.bus, worker, workerId)
      .refreshDefinitions({}, { timeoutMs: 10_000 })
      .catch((cause: unknown) => {
        this.bus.log.warn({ err: cause, worker: workerId }, 'a worker could not be told to look at its nodes')
      })
  }

  /** False only when it is certain that no process serves the worker. */
  async isThere(workerId: string): Promise<boolean> {
    try {
      await createClient(this.bus, worker, workerId).ping({}, { timeoutMs: 300 })
      return true
    } catch (cause) {
      return AppError.from(cause).reason !== 'NOBODY_LISTENS'
    }
  }
}
