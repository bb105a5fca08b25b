/** What is seen a few times a second. */
export type Observation = {
  nowMs: number
  /** Bytes received so far. */
  bytes: number
  /** Every connection has brought something. */
  ready: boolean
  /** This side is the limit (its processor, its hashing, the bandwidth that was allowed). */
  saturated: boolean
}

type Trial = { level: number; rate: number }

const windowMs = 100
const patience = 4
const longestStartMs = 3_000
const steadyWindowMs = 1_000
const better = 1.15
const firstReviewMs = 10_000
const lastReviewMs = 80_000

/**
 * How many connections bring the most. Ramp: more and more while each step pays; where one does not, what lies
 * between. Steady: on a collapse try half of them, now and then try more; keep what is better.
 */
export class ConnectionCount {
  #most: number
  #level = 1
  #phase: 'ramp' | 'steady' | 'fewer' | 'more' = 'ramp'
  /** The best that is known. */
  #base: Trial = { level: 0, rate: 0 }
  /** The lowest level that did not pay. */
  #ceiling = Number.POSITIVE_INFINITY
  #tries = 0
  #changedAt: number | undefined
  #window: { at: number; bytes: number } | undefined
  #reviewMs = firstReviewMs
  #reviewAt = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Others come and go that take from the same server. */
  set most(connections: number) {
    this.#most = connections
  }

  get level(): number {
    return Math.min(this.#level, this.#most)
  }

  get settled(): boolean {
    return this.#phase !== 'ramp'
  }

  observe({ nowMs, bytes, ready, saturated }: Observation): void {
    this.#changedAt ??= nowMs
    if (!ready && nowMs - this.#changedAt < longestStartMs) return void (this.#window = undefined)
    this.#window ??= { at: nowMs, bytes }
    const elapsed = nowMs - this.#window.at
    if (elapsed < (this.#phase === 'ramp' ? windowMs : steadyWindowMs)) return
    const rate = ((bytes - this.#window.bytes) / elapsed) * 1_000
    this.#window = { at: nowMs, bytes }
    switch (this.#phase) {
      case 'ramp':
        return this.#ramp(rate, nowMs, saturated)
      case 'steady':
        return this.#watch(rate, nowMs, saturated)
      default:
        return this.#judge(rate, nowMs)
    }
  }

  #ramp(rate: number, nowMs: number, saturated: boolean): void {
    if (rate >= this.#base.rate * better) {
      this.#base = { level: this.#level, rate }
      this.#tries = 0
      if (saturated) return this.#settle(nowMs)
    } else if (++this.#tries < patience && rate >= this.#base.rate * 0.8) {
      // New connections begin slowly.
      return
    } else {
      this.#ceiling = this.#level
    }
    const next = this.#next()
    if (next <= this.#base.level) return this.#settle(nowMs)
    this.#tries = 0
    this.#set(next, nowMs)
  }

  #next(): number {
    const { level } = this.#base
    if (this.#ceiling !== Number.POSITIVE_INFINITY) return Math.floor(Math.sqrt(level * this.#ceiling))
    return Math.min(this.#most, level === 1 ? 8 : level * 2)
  }

  #settle(nowMs: number): void {
    this.#phase = 'steady'
    this.#tries = 0
    this.#reviewAt = nowMs + this.#reviewMs
    this.#set(this.#base.level, nowMs)
  }

  #watch(rate: number, nowMs: number, saturated: boolean): void {
    const collapsed = rate < this.#base.rate * 0.5 && this.#level > 1 && !saturated
    this.#tries = collapsed ? this.#tries + 1 : 0
    if (this.#tries >= 2) {
      this.#base = { level: this.#level, rate }
      return this.#try('fewer', Math.ceil(this.#level / 2), nowMs)
    }
    if (!collapsed) this.#base = { level: this.#level, rate: this.#base.rate * 0.8 + rate * 0.2 }
    if (nowMs < this.#reviewAt || saturated || this.#level >= this.#most) return
    this.#try('more', Math.min(this.#most, this.#level * 2), nowMs)
  }

  #try(phase: 'fewer' | 'more', level: number, nowMs: number): void {
    this.#phase = phase
    this.#set(level, nowMs)
  }

  #judge(rate: number, nowMs: number): void {
    if (rate >= this.#base.rate * better) {
      this.#base = { level: this.#level, rate }
      this.#reviewMs = firstReviewMs
    } else {
      this.#reviewMs = Math.min(lastReviewMs, this.#reviewMs * 2)
    }
    this.#settle(nowMs)
  }

  #set(level: number, nowMs: number): void {
    this.#level = Math.max(1, level)
    this.#changedAt = nowMs
    this.#window = undefined
  }
}
