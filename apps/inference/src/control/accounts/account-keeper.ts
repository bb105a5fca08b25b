import type { Bus } from '@easel/bus'
import { Bell } from '../scheduling/bell.ts'
import type { ControlStore } from '../control.store.ts'

const everyMs = 60_000

/**
 * Once a minute, on the replica that leads, what is held back for open jobs is compared with these. No crash can
 * part them, for they change in one transaction; a bug, or rows deleted by hand, may.
 */
export class AccountKeeper {
  private readonly store: ControlStore
  private readonly log: Bus['log']

  constructor(store: ControlStore, log: Bus['log']) {
    this.store = store
    this.log = log
  }

  async run(signal: AbortSignal): Promise<void> {
    const pause = new Bell()
    while (!signal.aborted) {
      try {
        await this.mend()
      } catch (cause) {
        this.log.warn({ err: cause }, 'the reservations could not be compared with the open jobs')
      }
      await pause.wait(everyMs, signal)
    }
  }

  /** How many rows were wrong. */
  async mend(): Promise<number> {
    const drifted = await this.store.accounts.listDrift()
    if (drifted.length === 0) return 0
    this.log.warn({ drifted: drifted.slice(0, 10), count: drifted.length }, 'reservations were wrong')
    await this.store.transact((tx) => tx.accounts.mend(drifted))
    return drifted.length
  }
}
