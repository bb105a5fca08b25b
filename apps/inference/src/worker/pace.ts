/** Work to hold ready: enough to bridge the time from an end over control to the next binding. */
const bridgeMs = 400
const maxPrefetch = 64
/** Runs that are shorter than this are posted one ahead, so that ComfyUI never waits for the network. */
const shortMs = 200
/** What a post and the word of an end take: so much work is posted ahead of runs that are over in less. */
const postMs = 10
const maxAhead = 4
const weight = 0.2

/** How short the runs are, and what follows from it for the number of attempts to hold. */
export class Pace {
  static readonly maxPrefetch = maxPrefetch
  readonly #least: number
  #meanMs: number | undefined

  constructor(leastPrefetch: number) {
    this.#least = leastPrefetch
  }

  add(runMs: number): void {
    this.#meanMs = this.#meanMs === undefined ? runMs : this.#meanMs * (1 - weight) + runMs * weight
  }

  get prefetchSlots(): number {
    if (this.#meanMs === undefined || this.#least === 0) return this.#least
    const needed = Math.ceil(bridgeMs / Math.max(this.#meanMs, 1))
    return Math.min(maxPrefetch, Math.max(this.#least, needed))
  }

  /** Prompts to have in ComfyUI beyond those that may run. */
  get ahead(): number {
    if (this.#meanMs === undefined || this.#meanMs >= shortMs) return 0
    return Math.min(maxAhead, Math.ceil(postMs / Math.max(this.#meanMs, 1)))
  }
}
