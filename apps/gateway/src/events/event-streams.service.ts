import { AppError } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { Authenticator } from '../identity/authenticator.service.ts'
import { IdentityChanges } from '../identity/identity-changes.ts'
import { CONFIG, LOG, METRICS } from '../tokens.ts'
import { EventHub } from './event-hub.ts'
import { EventStream } from './event-stream.ts'
import type { Logger, Metrics } from '@easel/observability'
import type { GatewayConfig } from '../config.ts'
import type { Presented } from '../identity/authenticator.service.ts'
import type { Caller } from '../identity/caller.ts'
import type { Sink } from './event-stream.ts'

/** Expired keys, and changes whose message was lost, end streams within this time. */
const recheckMs = 30_000
/** Users are asked about in so many parts, or thousands would be at once. */
const recheckParts = 30

/** What stays open, and is told when the rights of its user change. */
export type Guarded = {
  readonly presented: Presented
  update(caller: Caller): void
  close(reason: 'revoked' | 'stopping'): void
}

/** All open streams of this gateway, and their right to be. */
@Injectable()
export class EventStreams implements Disposable {
  readonly #byUser = new Map<string, Set<Guarded>>()
  /** Users whose turn comes in this round. */
  #toRecheck: string[] = []
  #count = 0
  readonly #timer: NodeJS.Timeout
  readonly #open: ReturnType<Metrics['gauge']>

  constructor(
    readonly hub: EventHub,
    private readonly authenticator: Authenticator,
    changes: IdentityChanges,
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOG) private readonly log: Logger,
    @Inject(METRICS) metrics: Metrics,
  ) {
    this.#open = metrics.gauge('event_streams', 'Open event streams.')
    changes.onChange((userId) => void this.#recheck(userId))
    this.#timer = setInterval(() => this.#recheckPart(), recheckMs / recheckParts)
    this.#timer.unref()
  }

  /** Of either limit, 0 is none. */
  requireRoom(userId: string): void {
    const { sockets, socketsPerUser } = this.config.limits
    const own = this.#byUser.get(userId)?.size ?? 0
    if ((own < socketsPerUser || socketsPerUser === 0) && (this.#count < sockets || sockets === 0)) return
    throw new AppError('exhausted', 'Too many open event streams', {
      reason: 'TOO_MANY_STREAMS',
      retryAfterMs: 10_000,
    })
  }

  open(sink: Sink, opened: EventStream['opened']): Disposable {
    const stream = new EventStream(this.hub, sink, opened)
    const right = this.guard(opened.caller, stream)
    return {
      [Symbol.dispose]() {
        stream[Symbol.dispose]()
        right[Symbol.dispose]()
      },
    }
  }

  /** Ends something open when the right to it ends. */
  guard({ actor: { userId } }: Caller, guarded: Guarded): Disposable {
    const own = this.#byUser.get(userId) ?? new Set()
    this.#byUser.set(userId, own.add(guarded))
    this.#count++
    this.#open.inc()
    // It may have ended between the question for it and here.
    void this.#recheckOne(guarded)
    const leave = () => {
      if (!own.delete(guarded)) return
      this.#count--
      this.#open.dec()
      if (own.size === 0 && this.#byUser.get(userId) === own) this.#byUser.delete(userId)
    }
    return { [Symbol.dispose]: leave }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    for (const streams of this.#byUser.values()) for (const stream of streams) stream.close('stopping')
  }

  #recheckPart(): void {
    if (this.#toRecheck.length === 0) this.#toRecheck = [...this.#byUser.keys()]
    const part = Math.ceil(this.#byUser.size / recheckParts)
    for (const userId of this.#toRecheck.splice(-part, part)) void this.#recheck(userId)
  }

  async #recheck(userId: string): Promise<void> {
    for (const stream of this.#byUser.get(userId) ?? []) await this.#recheckOne(stream)
  }

  async #recheckOne(stream: Guarded): Promise<void> {
    try {
      const caller = await this.authenticator.find(stream.presented)
      if (caller) stream.update(caller)
      else stream.close('revoked')
    } catch (cause) {
      // Not to know is no reason to end it; the next check comes.
      this.log.warn({ err: cause }, 'the right to an event stream cannot be checked')
    }
  }
}
