import { sealer } from '@easel/config'
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

  /** With the EASEL_SECRET of now, when it was another's; else undefined. */
  renew(webhookId: string, sealed: string): string | undefined {
    if (!this.#sealer.isStale(sealed)) return undefined
    return this.#sealer.seal(this.open(webhookId, sealed), contextOf(webhookId))
  }
}

function contextOf(webhookId: string): string {
  return `webhook:${webhookId}`
}
