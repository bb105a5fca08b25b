import { retryAfterMs } from '../../sources/retry-after.ts'
import { Allowance } from './allowance.ts'
import { ConnectionCount } from './connection-count.ts'
import { Fetcher } from './fetcher.ts'
import type { FetcherOwner } from './fetcher.ts'
import type { FetchOutcome, FetchPlan } from './lane-messages.ts'
import { DiskError } from './partial-writer.ts'
import type { PartialWriter } from './partial-writer.ts'
import type { Range } from './range-set.ts'
import { claim, relieve, release } from './work-sharing.ts'

export type SessionEvents = {
  onEnd(outcome: FetchOutcome): void
  onFailure(cause: Error): void
  onWant(bytes: number): void
}

/** An attempt that brought less did not get further. */
const progressBytes = 64 * 1024
/** Slower than this for as long as a stall may last is a stall too. */
const slowestBytesPerSecond = 1_024
const longestPauseMs = 5_000
const smoothing = 0.3
const smoothedMs = 100
/** A request this young tells nothing of its speed. */
const settlingMs = 1_000

/**
 * Brings what is missing of a file, over as many connections as pay. A connection that breaks, stalls or is refused
 * while others bring something is replaced; when the last one is lost, or the server says that the file is another,
 * the session ends.
 */
export class FetchSession implements FetcherOwner {
  readonly plan: FetchPlan
  readonly writer: PartialWriter
  readonly #events: SessionEvents
  readonly #fetchers = new Set<Fetcher>()
  readonly #missing: Range[]
  readonly #count: ConnectionCount
  readonly #allowance: Allowance
  /** The server does not take more. */
  #most = Number.POSITIVE_INFINITY
  #received = 0
  #failures = 0
  #openAfter = 0
  #address = 0
  #ended = false
  #waited = false

  constructor(plan: FetchPlan, writer: PartialWriter, events: SessionEvents) {
    this.plan = plan
    this.writer = writer
    this.#events = events
    this.#count = new ConnectionCount(plan.connections)
    this.#allowance = new Allowance(plan.limited, (bytes) => events.onWant(bytes))
    const { total } = plan.version
    this.#missing = plan.ranged ? writer.gaps(total!) : [{ start: 0, end: total ?? Number.POSITIVE_INFINITY }]
  }

  get connections(): number {
    return this.#fetchers.size
  }

  start(): void {
    this.#fill()
  }

  stop(): void {
    this.#end({ kind: 'stopped' })
  }

  allow(connections: number): void {
    this.#count.most = connections
  }

  limit(limited: boolean): void {
    this.#allowance.limited = limited
    this.#resume()
  }

  grant(bytes: number): void {
    this.#allowance.grant(bytes)
    this.#resume()
  }

  /** Called a few times a second. `busy`: this thread has hardly been idle. */
  tick(nowMs: number, busy: boolean): void {
    if (this.#ended) return
    try {
      this.writer.tick(nowMs)
      for (const fetcher of this.#fetchers) this.#look(fetcher, nowMs)
    } catch (cause) {
      return this.#fail(cause as Error)
    }
    this.#count.observe({
      nowMs,
      bytes: this.#received,
      ready: [...this.#fetchers].every(({ received }) => received > 0),
      saturated: busy || this.#waited,
    })
    this.#waited = false
    this.#fill()
  }

  onBytes(_fetcher: Fetcher, bytes: number): boolean {
    this.#received += bytes
    return this.#allowance.spend(bytes)
  }

  onIdle(fetcher: Fetcher): void {
    this.#failures = 0
    const surplus = this.#fetchers.size > this.#level
    const range = fetcher.usable && !surplus && !this.#ended ? this.#nextRange() : undefined
    if (range) fetcher.fetch(range)
    else fetcher.close()
  }

  onRefusal(_fetcher: Fetcher, outcome: FetchOutcome): void {
    const isBusy = outcome.kind === 'refused' && (outcome.status === 429 || outcome.status >= 500)
    if (!isBusy || this.#fetchers.size === 1) return this.#end(outcome)
    // Too many at once, as others still bring something.
    this.#most = this.#fetchers.size - 1
    this.#pause(retryAfterMs(outcome.retryAfter ?? undefined) ?? 1_000)
  }

  release(range: Range): void {
    release(this.#missing, range)
  }

  onClose(fetcher: Fetcher, cause: Error | undefined): void {
    this.#fetchers.delete(fetcher)
    if (this.#ended) return
    if (cause instanceof DiskError) return this.#fail(cause)
    if (!cause || !this.#isFailure(fetcher)) return this.#fill()
    this.#failures = fetcher.received >= progressBytes ? 1 : this.#failures + 1
    if (this.#fetchers.size === 0) return this.#end({ kind: 'broken', message: cause.message })
    this.#pause(Math.min(longestPauseMs, 100 * 2 ** this.#failures))
    this.#fill()
  }

  get #level(): number {
    return this.plan.ranged ? Math.max(1, Math.min(this.#count.level, this.#most)) : 1
  }

  /** A server may close a connection that it was done with, and an address may be out of reach. */
  #isFailure(fetcher: Fetcher): boolean {
    if (
      fetcher.received === 0 &&
      fetcher.brought === 0 &&
      this.#address < this.plan.target.addresses.length - 1
    ) {
      this.#address += 1
      return false
    }
    return fetcher.brought === 0 || !fetcher.waitsForAnswer
  }

  #look(fetcher: Fetcher, nowMs: number): void {
    fetcher.flushIdle(nowMs)
    const { bytes, at } = fetcher.counted
    if (nowMs - at >= smoothedMs) {
      const rate = ((fetcher.received - bytes) / (nowMs - at)) * 1_000
      fetcher.rate = fetcher.rate === 0 ? rate : fetcher.rate * (1 - smoothing) + rate * smoothing
      fetcher.counted = { bytes: fetcher.received, at: nowMs }
    }
    const { stallMs } = this.plan
    if (fetcher.waits || !this.#allowance.open) {
      this.#waited = true
      fetcher.lastAt = nowMs
      fetcher.window = { bytes: fetcher.received, at: nowMs }
    }
    if (nowMs - fetcher.lastAt > stallMs) return fetcher.close(new Error('The connection stalled'))
    if (this.#allowance.limited || nowMs - fetcher.window.at < stallMs) return
    const brought = fetcher.received - fetcher.window.bytes
    fetcher.window = { bytes: fetcher.received, at: nowMs }
    if (brought < (slowestBytesPerSecond * stallMs) / 1_000)
      fetcher.close(new Error('The connection brings next to nothing'))
  }

  #fill(): void {
    if (this.#ended) return
    for (const fetcher of [...this.#fetchers].reverse()) {
      if (this.#fetchers.size <= this.#level) break
      fetcher.close()
    }
    const paused = performance.now() < this.#openAfter && this.#fetchers.size > 0
    while (!paused && this.#fetchers.size < this.#level) {
      const range = this.#nextRange()
      if (!range) break
      const fetcher = new Fetcher(this, this.plan.target.addresses[this.#address]!)
      this.#fetchers.add(fetcher)
      fetcher.fetch(range)
    }
    if (this.#fetchers.size === 0 && this.#missing.length === 0) this.#end({ kind: 'whole' })
  }

  #nextRange(): Range | undefined {
    const rates = [...this.#fetchers].map(({ rate }) => rate).filter((rate) => rate > 0)
    const rate = rates.length === 0 ? 0 : rates.reduce((sum, each) => sum + each, 0) / rates.length
    if (!this.plan.ranged) return this.#missing.shift()
    const { chunkBytes } = this.plan
    const connections = this.#count.settled ? this.#level : Math.max(2, this.#level)
    const roundTripMs = Math.min(...[...this.#fetchers].map(({ answeredMs }) => answeredMs))
    const roundTripSeconds = Number.isFinite(roundTripMs) ? roundTripMs / 1_000 : 0
    const range = claim(this.#missing, { connections, chunkBytes, rate, roundTripSeconds })
    if (range) return range
    const since = performance.now() - settlingMs
    const busy = [...this.#fetchers].filter(({ left, askedAt }) => left > 0 && askedAt < since)
    const relief = relieve(busy, Math.max(...rates, 0))
    if (!relief) return undefined
    // First, because the one that is cut may be closed by it, and the session must not look done then.
    release(this.#missing, { start: relief.at, end: relief.end })
    relief.from.cutAt(relief.at)
    return this.#missing.shift()
  }

  #pause(ms: number): void {
    this.#openAfter = Math.max(this.#openAfter, performance.now() + ms)
  }

  #resume(): void {
    if (!this.#allowance.open) return
    for (const fetcher of this.#fetchers) if (fetcher.waits) fetcher.resume()
  }

  #fail(cause: Error): void {
    if (this.#ended) return
    this.#ended = true
    for (const fetcher of this.#fetchers) fetcher.close()
    this.#events.onFailure(cause)
  }

  #end(outcome: FetchOutcome): void {
    if (this.#ended) return
    this.#ended = true
    for (const fetcher of this.#fetchers) fetcher.close()
    this.#events.onEnd(outcome)
  }
}
