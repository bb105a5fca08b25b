import { AppError, newId } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { Redis } from 'ioredis'
import { CONFIG } from '../tokens.ts'
import { hashSecret, newToken } from './api-key.ts'
import type { GatewayConfig } from '../config.ts'

export type LoginSession = {
  readonly id: string
  readonly userId: string
  readonly createdAt: string
  readonly address: string
  readonly userAgent: string
}

/**
 * Browser log-ins, in Redis under the hash of their token: who reads Redis cannot use them. A set per user
 * lists them, by hash, so that all can be ended at once.
 */
@Injectable()
export class LoginSessions {
  readonly #prefix: string
  readonly #lifeMs: number

  constructor(
    private readonly redis: Redis,
    @Inject(CONFIG) config: GatewayConfig,
  ) {
    this.#prefix = config.redis.prefix
    this.#lifeMs = config.sessionMs
  }

  async create(facts: Pick<LoginSession, 'userId' | 'address' | 'userAgent'>): Promise<string> {
    const token = newToken()
    const hash = hashSecret(token).toString('hex')
    const session: LoginSession = { id: newId(), createdAt: new Date().toISOString(), ...facts }
    await this.#ask(async (redis) => {
      const outcome = await redis
        .multi()
        .set(this.#key(hash), JSON.stringify(session), 'PX', this.#lifeMs)
        .sadd(this.#listKey(facts.userId), hash)
        .pexpire(this.#listKey(facts.userId), this.#lifeMs)
        .exec()
      for (const [error] of outcome ?? []) if (error) throw error
    })
    return token
  }

  /** Using a session makes it last again. */
  async find(hash: string): Promise<LoginSession | undefined> {
    const text = await this.#ask((redis) => redis.getex(this.#key(hash), 'PX', this.#lifeMs))
    if (text === null) return undefined
    const session = JSON.parse(text) as LoginSession
    await this.#ask((redis) => redis.pexpire(this.#listKey(session.userId), this.#lifeMs))
    return session
  }

  async list(userId: string): Promise<readonly LoginSession[]> {
    const hashes = await this.#ask((redis) => redis.smembers(this.#listKey(userId)))
    if (hashes.length === 0) return []
    const texts = await this.#ask((redis) => redis.mget(hashes.map((hash) => this.#key(hash))))
    const gone = hashes.filter((_, index) => texts[index] === null)
    if (gone.length > 0) await this.#ask((redis) => redis.srem(this.#listKey(userId), gone))
    return texts.filter((text) => typeof text === 'string').map((text) => JSON.parse(text) as LoginSession)
  }

  async end(token: string): Promise<void> {
    const hash = hashSecret(token).toString('hex')
    const session = await this.find(hash)
    await this.#ask((redis) => redis.del(this.#key(hash)))
    if (session) await this.#ask((redis) => redis.srem(this.#listKey(session.userId), hash))
  }

  /** One of this user's; false when there is none of this id. */
  async endOne(userId: string, id: string): Promise<boolean> {
    const hashes = await this.#ask((redis) => redis.smembers(this.#listKey(userId)))
    if (hashes.length === 0) return false
    const texts = await this.#ask((redis) => redis.mget(hashes.map((hash) => this.#key(hash))))
    const index = texts.findIndex(
      (text) => typeof text === 'string' && (JSON.parse(text) as LoginSession).id === id,
    )
    const hash = hashes[index]
    if (hash === undefined) return false
    await this.#ask((redis) => redis.del(this.#key(hash)))
    await this.#ask((redis) => redis.srem(this.#listKey(userId), hash))
    return true
  }

  async endAll(userId: string): Promise<void> {
    const hashes = await this.#ask((redis) => redis.smembers(this.#listKey(userId)))
    const keys = [...hashes.map((hash) => this.#key(hash)), this.#listKey(userId)]
    await this.#ask((redis) => redis.del(keys))
  }

  #key(hash: string): string {
    return `${this.#prefix}session:${hash}`
  }

  #listKey(userId: string): string {
    return `${this.#prefix}sessions:${userId}`
  }

  async #ask<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await work(this.redis)
    } catch (cause) {
      throw new AppError('unavailable', 'Log-ins cannot be checked at the moment', {
        reason: 'REDIS_UNAVAILABLE',
        retryAfterMs: 1_000,
        cause,
      })
    }
  }
}
