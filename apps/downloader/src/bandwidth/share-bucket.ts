const burstMs = 250
const idleMs = 1_000

/** The same within one process, by its own clock: for while Redis is away. */
export class ShareBucket {
  #free = -Infinity

  reserve(bytes: number, bytesPerSecond: number, now = performance.now()): number {
    if (this.#free < now - idleMs) this.#free = now
    const free = Math.max(this.#free, now - burstMs)
    this.#free = free + (bytes * 1_000) / bytesPerSecond
    return Math.max(0, free - now)
  }
}
