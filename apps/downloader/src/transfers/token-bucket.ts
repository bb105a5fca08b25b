import { setTimeout as delay } from 'node:timers/promises'

/** Bytes that may pass at once after a pause: small, so that the rate holds over short times too. */
const burstMs = 100

/** A rate over all transfers of this process. `null` lets everything pass. */
export class TokenBucket {
  #rate: number | null = null
  #tokens = 0
  #at = performance.now()

  set bytesPerSecond(rate: number | null) {
    if (rate === this.#rate) return
    this.#rate = rate
    this.#tokens = 0
    this.#at = performance.now()
  }

  /** Resolves when so many bytes may pass. What is taken in advance is waited for by the next. */
  take(bytes: number, signal?: AbortSignal): Promise<void> | undefined {
    const waitMs = this.waitMs(bytes, performance.now())
    return waitMs > 0 ? delay(waitMs, undefined, signal ? { signal } : {}) : undefined
  }

  waitMs(bytes: number, nowMs: number): number {
    if (this.#rate === null) return 0
    const burst = (this.#rate * burstMs) / 1_000
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#at) / 1_000) * this.#rate) - bytes
    this.#at = nowMs
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#rate) * 1_000
  }
}
