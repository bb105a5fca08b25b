import { publishLive, subscribeLive } from '@easel/bus'
import { Inject, Injectable } from '@nestjs/common'
import { BUS } from '../tokens.ts'
import type { Bus } from '@easel/bus'

type Listener = (userId: string) => void

/**
 * Tells every gateway that what a user may do has changed: a key revoked, a role, a membership, a password.
 * Caches drop the user, open streams ask again.
 */
@Injectable()
export class IdentityChanges implements Disposable {
  readonly #listeners = new Set<Listener>()
  readonly #subscription: Disposable

  constructor(@Inject(BUS) private readonly bus: Bus) {
    this.#subscription = subscribeLive(bus, { spaceId: 'system', channel: 'identity' }, ({ key }) =>
      this.#tell(key),
    )
  }

  onChange(listener: Listener): void {
    this.#listeners.add(listener)
  }

  announce(userId: string): void {
    // Here at once, without the way over the bus.
    this.#tell(userId)
    publishLive(this.bus, { spaceId: 'system', channel: 'identity', key: userId, data: {} })
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]()
  }

  #tell(userId: string): void {
    for (const listener of this.#listeners) listener(userId)
  }
}
