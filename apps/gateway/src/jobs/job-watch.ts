import { Inject, Injectable } from '@nestjs/common'
import { subscribeLive } from '@easel/bus'
import { EventHub } from '../events/event-hub.ts'
import { liveMessage } from '../events/event-message.ts'
import { BUS } from '../tokens.ts'
import type { Bus } from '@easel/bus'
import type { JobView } from '@easel/contracts'
import type { EventMessage } from '../events/event-message.ts'

const ends: ReadonlySet<string> = new Set(['job.succeeded', 'job.failed', 'job.canceled', 'job.expired'])

export function isEnd(type: string): boolean {
  return ends.has(type)
}

/** The events of one job. */
@Injectable()
export class JobWatch {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    private readonly hub: EventHub,
  ) {}

  watch(job: Pick<JobView, 'id' | 'spaceId'>, onEvent: (event: EventMessage) => void): Disposable {
    const rows = this.hub.listenToSubject(job.id, (event) => {
      if (event.type.startsWith('job.')) onEvent(event)
    })
    const filter = { spaceId: job.spaceId, channel: 'job-progress', key: job.id }
    const progress = subscribeLive(this.bus, filter, (message) => {
      const event = liveMessage(message)
      if (event) onEvent(event)
    })
    return {
      [Symbol.dispose]() {
        rows[Symbol.dispose]()
        progress[Symbol.dispose]()
      },
    }
  }

  /** Resolves with true when the job ends, with false when the time is over or nobody waits any more. */
  async ended(jobId: string, { timeoutMs, check, signal: gone }: Waiting): Promise<boolean> {
    const signal = AbortSignal.any([gone, this.hub.closing])
    const { promise, resolve } = Promise.withResolvers<boolean>()
    using _listening = this.hub.listenToSubject(jobId, ({ type }) => {
      if (isEnd(type)) resolve(true)
    })
    // It may have ended before anybody listened.
    if (await check()) return true
    if (signal.aborted) return false
    const timer = setTimeout(() => resolve(false), timeoutMs)
    const give = () => resolve(false)
    signal.addEventListener('abort', give, { once: true })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', give)
    }
  }
}

export type Waiting = {
  readonly timeoutMs: number
  readonly check: () => Promise<boolean>
  readonly signal: AbortSignal
}
