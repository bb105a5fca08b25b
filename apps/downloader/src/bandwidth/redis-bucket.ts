import { once } from 'node:events'
import { Redis } from 'ioredis'
import type { Logger } from '@easel/observability'

/** What was not used within this may still be used: a late timer costs nothing. */
const burstUs = 250_000
/** Nobody took anything for so long: there is nothing to make up for. */
const idleUs = 1_000_000
const connectMs = 2_000

/**
 * One instant per cluster: when the bytes that were granted so far have passed at the cap. A grant moves it on and
 * has to wait until the instant it found. The clock is Redis's alone.
 */
const RESERVE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free < now - ${idleUs} then free = now elseif free < now - ${burstUs} then free = now - ${burstUs} end
redis.call('SET', KEYS[1], string.format('%.0f', free + ARGV[1] * 1000000 / ARGV[2]), 'PX', 60000)
return math.max(0, math.floor(free - now))`

export type RedisBucketOptions = { url: string; prefix: string; log: Logger }

/** The cap that all replicas keep together. */
export class RedisBucket implements Disposable {
  readonly #redis: Redis
  readonly #key: string

  private constructor({ url, prefix, log }: RedisBucketOptions) {
    this.#key = `${prefix}downloader:bandwidth`
    this.#redis = new Redis(url, {
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: 500,
      connectTimeout: connectMs,
      retryStrategy: (times) => Math.min(1_000, times * 50),
    })
    this.#redis.on('error', (error: Error) => log.debug({ err: error }, 'Redis does not answer'))
  }

  /** Waits a moment for the connection; without it the bucket connects later. */
  static async open(options: RedisBucketOptions): Promise<RedisBucket> {
    const bucket = new RedisBucket(options)
    const signal = AbortSignal.timeout(connectMs)
    await once(bucket.#redis, 'ready', { signal }).catch(() => undefined)
    return bucket
  }

  /** Takes so many bytes at this rate; resolves to how many milliseconds they have to wait. */
  async reserve(bytes: number, bytesPerSecond: number): Promise<number> {
    const waitUs = await this.#redis.eval(RESERVE, 1, this.#key, bytes, bytesPerSecond)
    return Number(waitUs) / 1_000
  }

  [Symbol.dispose](): void {
    this.#redis.disconnect()
  }
}
