import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@easel/observability'
import type { Bandwidth } from '../transfers/bandwidth.ts'
import { capAt } from './bandwidth-hours.ts'
import type { CapRules } from './bandwidth-hours.ts'
import type { RedisBucket } from './redis-bucket.ts'
import { ShareBucket } from './share-bucket.ts'

/** Bytes for so long are taken from the common bucket at once. */
const batchMs = 50
/** A schedule is looked at as often. */
const capForMs = 1_000
/** A Redis that does not answer would hold up every batch. */
const aloneMs = 2_000

type Parts = {
  /** Undefined: every replica keeps to its share. */
  bucket: RedisBucket | undefined
  log: Logger
}

type Taker = { bytes: number; go: () => void }

/**
 * The cap over the transfers of all replicas. Takers of this replica are served in their order, out of batches that
 * are reserved in Redis one after the other: each costs one call and waits for its own instant. A change of the cap
 * drops the batch that is waited for. Without Redis each replica keeps to the cap divided by the replicas that bring
 * files: slower at times, never more, never nothing.
 */
export class ClusterBandwidth implements Bandwidth, Disposable {
  readonly #parts: Parts
  readonly #own = new ShareBucket()
  readonly #takers: Taker[] = []
  #rules: CapRules = { maxBytesPerSecond: null, schedule: [], timeZone: null }
  #cap: number | null = null
  #capUntil = -Infinity
  #replicas = 1
  #credit = 0
  #serving = false
  #changed = new AbortController()
  /** Redis did not answer: it is asked again then. */
  #aloneUntil: number | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** `replicas`: those that bring files now. */
  keep(rules: CapRules, replicas: number): void {
    this.#rules = rules
    this.#replicas = replicas
    this.#capUntil = -Infinity
    this.#capNow()
  }

  get limited(): boolean {
    return this.#capNow() !== null
  }

  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (!this.limited && this.#takers.length === 0) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const taker = { bytes, go: resolve }
    const leave = () => {
      const at = this.#takers.indexOf(taker)
      if (at >= 0) this.#takers.splice(at, 1)
      reject(signal!.reason as Error)
    }
    signal?.addEventListener('abort', leave, { once: true })
    this.#takers.push(taker)
    void this.#serve()
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  [Symbol.dispose](): void {
    this.#parts.bucket?.[Symbol.dispose]()
    this.#changed.abort()
    for (const { go } of this.#takers.splice(0)) go()
  }

  async #serve(): Promise<void> {
    if (this.#serving) return
    this.#serving = true
    try {
      for (let taker = this.#takers[0]; taker; taker = this.#takers[0]) {
        const cap = this.#capNow()
        if (cap === null) this.#credit = taker.bytes
        if (this.#credit >= taker.bytes) {
          this.#credit -= taker.bytes
          this.#takers.shift()
          taker.go()
        } else if (cap !== null) await this.#fill(cap)
      }
    } finally {
      this.#serving = false
    }
  }

  async #fill(cap: number): Promise<void> {
    const wanted = this.#takers.reduce((sum, { bytes }) => sum + bytes, -this.#credit)
    const batch = Math.max(1, Math.min(wanted, Math.ceil((cap * batchMs) / 1_000)))
    const { signal } = this.#changed
    const waitMs = await this.#reserve(batch, cap)
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => undefined)
    if (!signal.aborted) this.#credit += batch
  }

  async #reserve(bytes: number, cap: number): Promise<number> {
    const { bucket, log } = this.#parts
    if (bucket && performance.now() >= (this.#aloneUntil ?? -Infinity)) {
      try {
        const waitMs = await bucket.reserve(bytes, cap)
        if (this.#aloneUntil !== undefined) log.info('the bandwidth cap is kept together again')
        this.#aloneUntil = undefined
        return waitMs
      } catch (cause) {
        if (this.#aloneUntil === undefined)
          log.warn({ err: cause }, 'Redis is away: each replica keeps to its share of the cap')
        this.#aloneUntil = performance.now() + aloneMs
      }
    }
    return this.#own.reserve(bytes, cap / Math.max(1, this.#replicas))
  }

  #capNow(): number | null {
    const now = performance.now()
    if (now >= this.#capUntil) {
      const cap = capAt(this.#rules, new Date())
      this.#capUntil = now + capForMs
      if (cap !== this.#cap) {
        this.#cap = cap
        this.#credit = 0
        this.#changed.abort()
        this.#changed = new AbortController()
      }
    }
    return this.#cap
  }
}
