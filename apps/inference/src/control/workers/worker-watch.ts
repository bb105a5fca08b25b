import type { Bus } from '@easel/bus'
import { Bell } from '../scheduling/bell.ts'
import type { ControlStore } from '../control.store.ts'
import type { WorkerCalls } from './worker-calls.ts'
import type { WorkersService } from './workers.service.ts'

export type WorkerWatchOptions = {
  bus: Bus
  store: ControlStore
  calls: WorkerCalls
  workers: WorkersService
}

const tickMs = 400
/** Beats come every second: who has just beaten needs no ping. */
const quietMs = 600
/** No beat for so long: lost, though its connection may stand. */
const silentMs = 5_000
/** Unanswered in a row. */
const maxStrikes = 2

/**
 * Finds workers that are gone. A dead process is told by NATS at once ("nobody listens" to a ping); one that
 * hangs, by its silence. Silence counts only while this replica itself has been in touch with bus and
 * database all the time: after an outage of these, every worker seems silent.
 */
export class WorkerWatch {
  private readonly options: WorkerWatchOptions
  private readonly strikes = new Map<string, number>()
  private inTouchSince = 0

  constructor(options: WorkerWatchOptions) {
    this.options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    this.inTouchSince = performance.now()
    const pause = new Bell()
    while (!signal.aborted) {
      const began = performance.now()
      try {
        await this.look()
      } catch (cause) {
        this.options.bus.log.warn({ err: cause }, 'the watch over the workers was interrupted')
        this.inTouchSince = performance.now()
      }
      await pause.wait(tickMs, signal)
      // A pause of the whole process is an outage, too.
      if (performance.now() - began > silentMs / 2) this.inTouchSince = performance.now()
    }
  }

  private async look(): Promise<void> {
    const { bus, store, workers } = this.options
    await bus.check()
    const watched = await store.workers.listWatched()
    const mayJudge = performance.now() - this.inTouchSince > silentMs
    await Promise.all(
      watched.map(async (worker) => {
        if (mayJudge && worker.silentMs > silentMs) {
          await workers.lose(worker, `It has not been heard of for ${Math.round(worker.silentMs / 1_000)} s`)
        } else if (worker.open > 0 && worker.silentMs > quietMs) {
          if (await this.isDead(worker.id)) await workers.lose(worker, 'Its process is gone')
        } else {
          this.strikes.delete(worker.id)
        }
      }),
    )
  }

  private async isDead(id: string): Promise<boolean> {
    if (await this.options.calls.isThere(id)) {
      this.strikes.delete(id)
      return false
    }
    const strikes = (this.strikes.get(id) ?? 0) + 1
    this.strikes.set(id, strikes)
    if (strikes < maxStrikes) return false
    this.strikes.delete(id)
    return true
  }
}
