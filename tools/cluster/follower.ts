import { setTimeout as delay } from 'node:timers/promises'
import { call } from './http.ts'
import { addTo } from './ledger.ts'
import type { JobView } from '@easel/contracts'
import type { Ledger, LedgerUser } from './ledger.ts'

export type FollowerOptions = {
  user: LedgerUser
  index: number
  ledger: Ledger
  /** The gateway for the next call. */
  url: () => string
  way: 'events' | 'poll'
  pauseMs: number
  signal: AbortSignal
}

type EventPage = { items: { type: string; data: unknown }[]; nextCursor?: string | null }

const pageSize = 200
/** Jobs asked for one by one in a look. */
const polled = 25

/** Hears how the jobs of one user end: from the feed of durable events, or by asking for each. */
export class Follower {
  readonly #options: FollowerOptions
  /** Jobs whose end has not been heard, the one asked for longest ago first. */
  readonly #expected = new Set<string>()
  /** Ends that were told before the answer to the submission came. */
  readonly #early = new Map<string, JobView>()
  #cursor: string | undefined
  #changed = Promise.withResolvers<void>()

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  get open(): number {
    return this.#expected.size
  }

  expect(id: string): void {
    this.#expected.add(id)
    const early = this.#early.get(id)
    if (early) this.#hear(early)
  }

  /** Resolves when a job has ended, or after this time. */
  async change(withinMs: number): Promise<void> {
    const waiting = new AbortController()
    await Promise.race([
      this.#changed.promise,
      delay(Math.max(0, withinMs), undefined, { signal: waiting.signal }).catch(() => undefined),
    ])
    waiting.abort()
  }

  async run(): Promise<void> {
    const { signal, pauseMs, way, ledger } = this.#options
    while (!signal.aborted) {
      try {
        if (this.open > 0) await (way === 'events' ? this.#readFeed() : this.#poll())
      } catch (cause) {
        // The gateway is away; what it has to tell is still there when it comes back.
        addTo(ledger.retried, (cause as NodeJS.ErrnoException).code ?? String(cause))
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #readFeed(): Promise<void> {
    const { url, user, ledger } = this.#options
    for (;;) {
      const after = this.#cursor === undefined ? '' : `&after=${encodeURIComponent(this.#cursor)}`
      const answer = await call(`${url()}/api/events?limit=${pageSize}${after}`, { apiKey: user.apiKey })
      if (answer.status !== 200) {
        addTo(ledger.retried, String(answer.status))
        return
      }
      const { items, nextCursor } = answer.body as unknown as EventPage
      for (const { type, data } of items) if (type.startsWith('job.')) this.#hear(data as JobView)
      this.#cursor = nextCursor ?? this.#cursor
      if (items.length < pageSize) return
    }
  }

  async #poll(): Promise<void> {
    const { url, user, ledger } = this.#options
    for (const id of [...this.#expected].slice(0, polled)) {
      const answer = await call(`${url()}/api/jobs/${id}`, { apiKey: user.apiKey })
      if (answer.status === 200) this.#hear(answer.body as unknown as JobView)
      else addTo(ledger.retried, String(answer.status))
      // To the end of the line, if it is still expected.
      if (this.#expected.delete(id) && ledger.jobs.get(id)?.status === 'accepted') this.#expected.add(id)
    }
  }

  #hear(view: JobView): void {
    const { ledger } = this.#options
    if (!ledger.jobs.has(view.id)) {
      if (view.finishedAt) this.#early.set(view.id, view)
      return
    }
    this.#early.delete(view.id)
    if (!ledger.hear(view)) return
    this.#expected.delete(view.id)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
