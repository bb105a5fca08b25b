import { AppError } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { Redis } from 'ioredis'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { CONFIG, LOG } from '../tokens.ts'
import type { Logger } from '@easel/observability'
import type { GatewayConfig } from '../config.ts'

const minute = 60
const quarterHour = 15 * 60
/** What is taken at once of a user's minute: a hundredth, used within ten seconds or lost. */
const batchesPerMinute = 100
const batchMs = 10_000
const maxBatches = 10_000

/**
 * Counters in Redis, shared by all gateways. Without Redis ordinary calls go on uncounted; log-ins, which are
 * what guessing needs, do not.
 */
@Injectable()
export class RateLimits {
  readonly #users: RateLimiterRedis | undefined
  readonly #addresses: RateLimiterRedis | undefined
  readonly #loginAccounts: RateLimiterRedis
  readonly #loginAddresses: RateLimiterRedis
  readonly #batches = new Map<string, { left: number; until: number }>()
  readonly #taking = new Map<string, Promise<void>>()
  #warned = false

  constructor(
    redis: Redis,
    @Inject(CONFIG) { limits, redis: { prefix } }: GatewayConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {
    const limiter = (name: string, points: number, duration: number) =>
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `${prefix}limit:${name}`,
        points,
        duration,
        // Who is over the limit costs no more calls to Redis until it ends.
        inMemoryBlockOnConsumed: points + 1,
        rejectIfRedisNotReady: true,
      })
    this.#users = limits.callsPerUser > 0 ? limiter('user', limits.callsPerUser, minute) : undefined
    this.#addresses =
      limits.callsPerAddress > 0 ? limiter('address', limits.callsPerAddress, minute) : undefined
    this.#loginAccounts = limiter('login-account', limits.loginsPerAccount, quarterHour)
    this.#loginAddresses = limiter('login-address', limits.loginsPerAddress, quarterHour)
  }

  /** Mostly without asking Redis: calls are counted there by the batch. */
  async countUser(userId: string): Promise<void> {
    if (!this.#users) return
    for (;;) {
      const batch = this.#batches.get(userId)
      if (batch && batch.left > 0 && batch.until > performance.now()) return void batch.left--
      // Calls at the same time share the next batch.
      const taking = this.#taking.get(userId) ?? this.#takeBatch(this.#users, userId)
      this.#taking.set(userId, taking)
      await taking
    }
  }

  countAddress(address: string): Promise<void> {
    return this.#countOpen(this.#addresses, address)
  }

  /** Counts before the password is looked at, so that guesses at the same time are all counted. */
  async countLogin(account: string, address: string): Promise<void> {
    await this.#count(this.#loginAddresses, address).catch(closed)
    await this.#count(this.#loginAccounts, account).catch(closed)
  }

  /** A log-in that succeeded does not count. */
  async forgiveLogin(account: string, address: string): Promise<void> {
    await Promise.all([this.#loginAccounts.delete(account), this.#loginAddresses.reward(address)]).catch(
      closed,
    )
  }

  async #takeBatch(users: RateLimiterRedis, userId: string): Promise<void> {
    try {
      const size = Math.max(1, Math.floor(users.points / batchesPerMinute))
      await this.#countOpen(users, userId, size)
      if (this.#batches.size > maxBatches) this.#batches.clear()
      this.#batches.set(userId, { left: size, until: performance.now() + batchMs })
    } finally {
      this.#taking.delete(userId)
    }
  }

  async #countOpen(limiter: RateLimiterRedis | undefined, key: string, points = 1): Promise<void> {
    if (!limiter) return
    try {
      await this.#count(limiter, key, points)
      this.#warned = false
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      if (!this.#warned) this.log.warn({ err: cause }, 'calls are not counted: Redis does not answer')
      this.#warned = true
    }
  }

  async #count(limiter: RateLimiterRedis, key: string, points = 1): Promise<void> {
    try {
      await limiter.consume(key, points)
    } catch (cause) {
      if (!(cause instanceof RateLimiterRes)) throw cause
      throw new AppError('exhausted', 'Too many calls: wait and try again', {
        reason: 'RATE_LIMITED',
        retryAfterMs: cause.msBeforeNext,
      })
    }
  }
}

function closed(cause: unknown): never {
  if (cause instanceof AppError) throw cause
  throw new AppError('unavailable', 'Log-ins cannot be checked at the moment', {
    reason: 'REDIS_UNAVAILABLE',
    retryAfterMs: 1_000,
    cause,
  })
}
