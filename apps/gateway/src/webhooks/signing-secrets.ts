import { sealer } from '@easel/config'
import { AppError } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { CONFIG } from '../tokens.ts'
import { newSigningSecret } from './signature.ts'
import type { Sealer } from '@easel/config'
import type { GatewayConfig } from '../config.ts'

/** Secrets of webhooks as they are stored: sealed, each for its own webhook. */
@Injectable()
export class SigningSecrets {
  readonly #sealer: Sealer

  constructor(@Inject(CONFIG) { secret }: Pick<GatewayConfig, 'secret'>) {
    this.#sealer = sealer(secret.secret, secret.previous)
  }

  make(webhookId: string): { secret: string; sealed: string } {
    const secret = newSigningSecret()
    return { secret, sealed: this.#sealer.seal(secret, contextOf(webhookId)) }
  }

  open(webhookId: string, sealed: string): string {
    return this.#sealer.open(sealed, contextOf(webhookId))
  }

  /** Undefined when the EASEL_SECRET that sealed it is set no more: only a rotation helps then. */
  find(webhookId: string, sealed: string): string | undefined {
    try {
      return this.open(webhookId, sealed)
    } catch (cause) {
      if (AppError.from(cause).reason === 'SEALED_KEY_UNKNOWN') return undefined
      throw cause
    }
  }

  /** With the EASEL_SECRET of now, when it was another's and that is still known; else undefined. */
  renew(webhookId: string, sealed: string): string | undefined {
    if (!this.#sealer.isStale(sealed)) return undefined
    const secret = this.find(webhookId, sealed)
    return secret === undefined ? undefined : this.#sealer.seal(secret, contextOf(webhookId))
  }
}

function contextOf(webhookId: string): string {
  return `webhook:${webhookId}`
}
