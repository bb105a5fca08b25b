import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '@easel/protocol'
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'

const patienceMs = 3_000

export type RateOptions = {
  readonly redis: Redis | undefined
  readonly prefix: string
  readonly name: string
  readonly requests: number
  readonly seconds: number
}

/** How often a source may be asked: counted in Redis for all replicas, by each for itself while Redis is away. */
export class Rate {
  readonly #limiter: RateLimiterAbstract
  readonly #name: string

  constructor({ redis, prefix, name, requests, seconds }: RateOptions) {
    this.#name = name
    const own = { keyPrefix: `${prefix}source-rate`, points: requests, duration: seconds }
    const alone = new RateLimiterMemory(own)
    this.#limiter = redis
      ? new RateLimiterRedis({
          ...own,
          storeClient: redis,
          insuranceLimiter: alone,
          rejectIfRedisNotReady: true,
        })
      : alone
  }

  /** Waits a little for its turn; throws SOURCE_RATE_LIMITED when that would take longer. */
  async take(signal: AbortSignal): Promise<void> {
    const giveUpAt = performance.now() + patienceMs
    for (;;) {
      const waitMs = await this.#consume()
      if (waitMs === 0) return
      if (performance.now() + waitMs > giveUpAt) throw rateLimited(waitMs)
      await delay(waitMs, undefined, { signal })
    }
  }

  /** The source said for how long it wants to hear nothing. */
  async block(ms: number): Promise<void> {
    await this.#limiter.block(this.#name, Math.max(1, Math.ceil(ms / 1_000)))
  }

  async #consume(): Promise<number> {
    try {
      await this.#limiter.consume(this.#name)
      return 0
    } catch (cause) {
      if (cause instanceof RateLimiterRes) return Math.max(1, cause.msBeforeNext)
      throw cause
    }
  }
}

/** `status` where the source itself said so. */
export function rateLimited(retryAfterMs: number, status?: number): AppError {
  return new AppError('exhausted', 'This source was asked too often: wait and try again', {
    reason: 'SOURCE_RATE_LIMITED',
    retryAfterMs,
    ...(status !== undefined && { details: { status } }),
  })
}
