import { publishLive, subscribeLive } from '@easel/bus'
import type { Bus } from '@easel/bus'
import type { Database } from '@easel/database'
import { Leadership } from './scheduling/leadership.ts'

/** What only one replica does at a time. */
export type Duty = { run(signal: AbortSignal): Promise<void> }

export type SchedulingRoleOptions = {
  bus: Bus
  database: Database
  duties: readonly Duty[]
  wake: () => void
}

const call = { spaceId: 'system', channel: 'schedule', key: 'wake' } as const

/** Has the duties done by the replica that leads, and lets the others wake it. */
export class SchedulingRole implements AsyncDisposable {
  private readonly options: SchedulingRoleOptions
  private readonly leadership: Leadership
  private readonly calls: Disposable

  constructor(options: SchedulingRoleOptions) {
    const { bus, database, duties, wake } = options
    this.options = options
    this.calls = subscribeLive(bus, call, wake)
    this.leadership = new Leadership({
      database,
      log: bus.log,
      lead: async (signal) => void (await Promise.all(duties.map((duty) => duty.run(signal)))),
    })
  }

  get leads(): boolean {
    return this.leadership.leads
  }

  /** There may be something to schedule. A call that gets lost costs one poll. */
  wake(): void {
    if (this.leads) this.options.wake()
    else publishLive(this.options.bus, { ...call, data: {} })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.calls[Symbol.dispose]()
    await this.leadership[Symbol.asyncDispose]()
  }
}
