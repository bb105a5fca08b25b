import type { Presented } from '../identity/authenticator.service.ts'
import type { Caller } from '../identity/caller.ts'
import type { EventHub } from './event-hub.ts'
import type { EventMessage } from './event-message.ts'
import { durableMessage } from './event-message.ts'

/** Where events go: a WebSocket, or the response of a request for server-sent events. */
export type Sink = {
  send(event: EventMessage): void
  /** Bytes that the other end has not taken yet. */
  readonly waiting: number
  /** When it has taken all of them, or is gone. */
  drained(): Promise<void>
  close(reason: 'revoked' | 'stopping' | 'limit'): void
}

/** What a slow reader may leave untaken before it is told no more until it has read. */
const maxWaiting = 1024 * 1024
const maxWaitingLossy = 256 * 1024
const pageSize = 200

/**
 * The events of one listener.
 *
 *   replaying → live ⇄ replaying (a slow reader: what it missed is read from the feed again) → closed
 *
 * Nothing durable is lost or kept in memory for who reads slowly; lossy events are.
 */
export class EventStream implements Disposable {
  #state: 'replaying' | 'live' | 'closed' = 'replaying'
  #position: bigint
  #caller: Caller
  #watched = new Map<string, Disposable>()
  readonly #listening: Disposable

  constructor(
    private readonly hub: EventHub,
    private readonly sink: Sink,
    readonly opened: { caller: Caller; presented: Presented; after: bigint | undefined },
  ) {
    this.#caller = opened.caller
    this.#position = opened.after ?? hub.newest
    this.#listening = hub.listen({
      onDurable: (event) => this.#onDurable(event),
      onLive: (event) => this.#onLive(event),
    })
    this.#watch()
    void this.#replay()
  }

  get presented(): Presented {
    return this.opened.presented
  }

  /** After a change of what the user may see. */
  update(caller: Caller): void {
    this.#caller = caller
    this.#watch()
  }

  close(reason: 'revoked' | 'stopping'): void {
    if (this.#state === 'closed') return
    this[Symbol.dispose]()
    this.sink.close(reason)
  }

  [Symbol.dispose](): void {
    this.#state = 'closed'
    this.#listening[Symbol.dispose]()
    for (const watched of this.#watched.values()) watched[Symbol.dispose]()
    this.#watched.clear()
  }

  #watch(): void {
    const { spaces } = this.#caller.actor
    for (const [spaceId, watched] of this.#watched) {
      if (spaceId in spaces) continue
      watched[Symbol.dispose]()
      this.#watched.delete(spaceId)
    }
    for (const spaceId of Object.keys(spaces)) {
      if (!this.#watched.has(spaceId)) this.#watched.set(spaceId, this.hub.watchSpace(spaceId))
    }
  }

  #onDurable(event: EventMessage & { readonly cursor: bigint }): void {
    if (this.#state !== 'live') return
    if (this.sink.waiting > maxWaiting) {
      this.#state = 'replaying'
      void this.#replay()
      return
    }
    this.#position = event.cursor
    if (maySee(this.#caller, event)) this.sink.send(event)
  }

  #onLive(event: EventMessage): void {
    if (this.#state !== 'live' || this.sink.waiting > maxWaitingLossy) return
    if (maySee(this.#caller, event)) this.sink.send(event)
  }

  async #replay(): Promise<void> {
    const { hub } = this
    while (this.#state === 'replaying') {
      await this.sink.drained()
      if (this.isClosed) return
      // Taken before the read: the read has everything up to here.
      const newest = hub.newest
      if (this.#position >= newest) break
      try {
        const rows = await hub.activity.listAfter(
          this.#position,
          pageSize,
          Object.keys(this.#caller.actor.spaces),
        )
        if (this.isClosed) return
        for (const row of rows) this.#resend(row)
        if (rows.length < pageSize && this.#position < newest) this.#position = newest
      } catch {
        // The client comes again with what it has seen last.
        return this.close('stopping')
      }
    }
    if (this.#state === 'replaying') this.#state = 'live'
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  #resend(row: Parameters<typeof durableMessage>[0]): void {
    const event = durableMessage(row)
    this.#position = row.cursor
    // Asked again for each: a membership may have ended while the page was read.
    if (maySee(this.#caller, event)) this.sink.send(event)
  }
}

/** The scope that a type of event asks for; the space is asked for beside it. */
const scopeOf = {
  job: 'jobs:read',
  asset: 'assets:read',
  download: 'models:read',
  library: 'models:read',
} as const

export function maySee({ actor }: Caller, { type, spaceId }: EventMessage): boolean {
  const [area = ''] = type.split('.')
  if (area === 'worker') return actor.role === 'admin' && actor.scopes.includes('admin')
  if (!Object.hasOwn(scopeOf, area)) return false
  if (!actor.scopes.includes(scopeOf[area as keyof typeof scopeOf])) return false
  return spaceId === null || spaceId in actor.spaces
}
