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

/** Enough to see whether this side is the limit, and too short for a rate: many servers begin with a burst. */
const glanceMs = 15
/** One connection that brings so much is left alone at first: more cost more than they can bring. */
const fastBytesPerSecond = 256 * 1024 * 1024
const windowMs = 100
const patience = 4
const longestStartMs = 3_000
const steadyWindowMs = 1_000
const better = 1.15
const soonMs = 2_000
const firstReviewMs = 10_000
const lastReviewMs = 80_000

/**
 * How many connections bring the most. Glance: where the first is slow, but not held back by this side, all that may
 * be. Ramp: where they do not pay, the first again, and what lies between. Steady: on a collapse try half of them,
 * now and then try more; keep what is better.
 */
export class ConnectionCount {
  #most: number
  #level = 1
  #phase: 'glance' | 'ramp' | 'steady' | 'fewer' | 'more' = 'glance'
  /** The best that is known. */
  #base: Trial = { level: 0, rate: 0 }
  /** The lowest level that did not pay. */
  #ceiling = Number.POSITIVE_INFINITY
  #tries = 0
  #changedAt: number | undefined
  #window: { at: number; bytes: number; looks: number; saturated: number } | undefined
  /** The rate at first is known at a glance only. */
  #unsure = true
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
    return this.#phase !== 'glance' && this.#phase !== 'ramp'
  }

  observe({ nowMs, bytes, ready, saturated }: Observation): void {
    this.#changedAt ??= nowMs
    if (!ready && nowMs - this.#changedAt < longestStartMs) return void (this.#window = undefined)
    this.#window ??= { at: nowMs, bytes, looks: -1, saturated: saturated ? -1 : 0 }
    const window = this.#window
    window.looks += 1
    if (saturated) window.saturated += 1
    const elapsed = nowMs - window.at
    if (elapsed < this.#windowMs) return
    const rate = ((bytes - window.bytes) / elapsed) * 1_000
    const held = window.saturated * 2 > window.looks
    this.#window = { at: nowMs, bytes, looks: 0, saturated: 0 }
    switch (this.#phase) {
      case 'glance':
        if (rate >= fastBytesPerSecond) return this.#stay(rate, nowMs)
        // Too high rather than too low: that is found out.
        return this.#ramp((bytes / elapsed) * 1_000, nowMs, held)
      case 'ramp':
        return this.#ramp(rate, nowMs, held)
      case 'steady':
        return this.#watch(rate, nowMs, held)
      default:
        return this.#judge(rate, nowMs)
    }
  }

  get #windowMs(): number {
    if (this.#phase === 'glance') return glanceMs
    return this.#phase === 'ramp' ? windowMs : steadyWindowMs
  }

  #stay(rate: number, nowMs: number): void {
    this.#base = { level: this.#level, rate }
    this.#settle(nowMs, soonMs)
  }

  #ramp(rate: number, nowMs: number, saturated: boolean): void {
    this.#phase = 'ramp'
    if (rate >= this.#base.rate * better) {
      this.#base = { level: this.#level, rate }
      this.#tries = 0
      if (saturated) return this.#settle(nowMs)
    } else if (++this.#tries < patience && rate >= this.#base.rate * 0.8) {
      // New connections begin slowly.
      return
    } else {
      this.#ceiling = this.#level
      if (this.#unsure) {
        this.#unsure = false
        this.#tries = 0
        this.#base = { level: 0, rate: 0 }
        return this.#set(1, nowMs)
      }
    }
    const next = this.#next()
    if (next <= this.#base.level) return this.#settle(nowMs)
    this.#tries = 0
    this.#set(next, nowMs)
  }

  #next(): number {
    const { level } = this.#base
    if (this.#ceiling !== Number.POSITIVE_INFINITY) return Math.floor(Math.sqrt(level * this.#ceiling))
    return this.#most
  }

  #settle(nowMs: number, reviewMs = this.#reviewMs): void {
    this.#phase = 'steady'
    this.#tries = 0
    this.#reviewAt = nowMs + reviewMs
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
      this.#reviewMs = firstReviewMs
      return this.#stay(rate, nowMs)
    }
    this.#reviewMs = Math.min(lastReviewMs, this.#reviewMs * 2)
    this.#settle(nowMs)
  }

  #set(level: number, nowMs: number): void {
    this.#level = Math.max(1, level)
    this.#changedAt = nowMs
    this.#window = undefined
  }
}
