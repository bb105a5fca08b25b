import { AppError } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { Redis } from 'ioredis'
import { hashSecret, newToken } from '../identity/api-key.ts'
import { CONFIG } from '../tokens.ts'
import type { GatewayConfig } from '../config.ts'
import type { Presented } from '../identity/authenticator.service.ts'

export const ticketSeconds = 30

/**
 * Opens one socket, once, for who cannot send a header with it. A ticket stands for the credential that asked
 * for it, so that the socket ends with that.
 */
@Injectable()
export class Tickets {
  readonly #prefix: string

  constructor(
    private readonly redis: Redis,
    @Inject(CONFIG) config: GatewayConfig,
  ) {
    this.#prefix = `${config.redis.prefix}ticket:`
  }

  async issue(presented: Presented): Promise<string> {
    const ticket = newToken()
    await this.redis.set(this.#key(ticket), JSON.stringify(presented), 'EX', ticketSeconds).catch(unavailable)
    return ticket
  }

  async redeem(ticket: string): Promise<Presented> {
    const text = await this.redis.getdel(this.#key(ticket)).catch(unavailable)
    if (text !== null) return JSON.parse(text) as Presented
    throw new AppError('unauthenticated', 'The ticket is used or too old', { reason: 'BAD_CREDENTIALS' })
  }

  #key(ticket: string): string {
    return this.#prefix + hashSecret(ticket).toString('hex')
  }
}

function unavailable(cause: unknown): never {
  throw new AppError('unavailable', 'Tickets are not to be had at the moment', {
    reason: 'REDIS_UNAVAILABLE',
    retryAfterMs: 1_000,
    cause,
  })
}
