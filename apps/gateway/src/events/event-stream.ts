import { caughtUpMessage } from './event-message.ts'
import type { Presented } from '../identity/authenticator.service.ts'
import type { Caller } from '../identity/caller.ts'
import type { EventHub, HubListener } from './event-hub.ts'
import type { DurableEvent, EventMessage } from './event-message.ts'

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
const maxWaiting = 512 * 1024
const maxWaitingLossy = 256 * 1024
/** What is read from the feed for one listener at once, about. */
const pageBytes = 256 * 1024
const firstPage = 32
const maxPage = 500

/**
 * The events of one listener.
 *
 *   replaying → live ⇄ replaying (a slow reader: what it missed is read from the feed again) → closed
 *
 * Nothing durable is lost or kept in memory for who reads slowly; lossy events are. After each replay, and after
 * each gap in the lossy ones, `stream.caught-up` says so.
 */
export class EventStream implements Disposable, HubListener {
  #state: 'replaying' | 'live' | 'closed' = 'replaying'
  /** Where the next part of a replay starts: what is up to here was sent, perhaps before the hub told of it. */
  #position: bigint
  /** Lossy events that were left out since the last word about it. */
  #dropped = 0
  #hears: ReadonlySet<string>
  readonly #spaces = new Map<string, Disposable>()
  readonly #listening: Disposable

  constructor(
    private readonly hub: EventHub,
    private readonly sink: Sink,
    readonly opened: { caller: Caller; presented: Presented; after: bigint | undefined },
  ) {
    this.#hears = areasOf(opened.caller)
    this.#position = opened.after ?? hub.newest
    this.#listening = hub.listen(this)
    this.#listen(opened.caller)
    // Who does not resume has missed nothing.
    if (opened.after === undefined) this.#state = 'live'
    else void this.#replay()
  }

  get presented(): Presented {
    return this.opened.presented
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** After a change of what the user may see. */
  update(caller: Caller): void {
    if (this.isClosed) return
    this.#hears = areasOf(caller)
    this.#listen(caller)
  }

  close(reason: 'revoked' | 'stopping'): void {
    if (this.isClosed) return
    this[Symbol.dispose]()
    this.sink.close(reason)
  }

  [Symbol.dispose](): void {
    this.#state = 'closed'
    this.#listening[Symbol.dispose]()
    for (const space of this.#spaces.values()) space[Symbol.dispose]()
    this.#spaces.clear()
  }

  onDurable(event: DurableEvent): void {
    if (this.#state !== 'live' || event.cursor <= this.#position) return
    if (this.sink.waiting > maxWaiting) {
      // All before this one was sent.
      this.#position = event.cursor - 1n
      this.#state = 'replaying'
      void this.#replay()
      return
    }
    if (this.#hears.has(event.area)) this.sink.send(event)
  }

  onLive(event: EventMessage): void {
    if (!this.#hears.has(event.area)) return
    const { waiting } = this.sink
    const hasRoom = waiting === 0 || waiting + event.size <= maxWaitingLossy
    if (this.#state === 'live' && hasRoom) this.sink.send(event)
    else if (this.#state !== 'closed') this.#drop()
  }

  #listen({ actor: { spaces } }: Caller): void {
    for (const [spaceId, listening] of this.#spaces) {
      if (Object.hasOwn(spaces, spaceId)) continue
      listening[Symbol.dispose]()
      this.#spaces.delete(spaceId)
    }
    for (const spaceId of Object.keys(spaces)) {
      if (!this.#spaces.has(spaceId)) this.#spaces.set(spaceId, this.hub.listenTo(spaceId, this))
    }
  }

  #drop(): void {
    this.#dropped++
    if (this.#dropped === 1 && this.#state === 'live') void this.#tellOfGap()
  }

  async #tellOfGap(): Promise<void> {
    await this.sink.drained()
    // A replay that began in the meantime tells of it at its end.
    if (this.#state === 'live' && this.#dropped > 0) this.#mark()
  }

  #mark(): void {
    const { newest } = this.hub
    const cursor = this.#position > newest ? this.#position : newest
    this.sink.send(caughtUpMessage(cursor, this.#dropped))
    this.#dropped = 0
  }

  async #replay(): Promise<void> {
    const { hub } = this
    let size = firstPage
    while (this.#state === 'replaying') {
      await this.sink.drained()
      if (this.isClosed) return
      if (this.#position >= hub.newest) break
      try {
        const { events, upTo } = await hub.readAfter(this.#position, this.#spaces, size)
        if (!(await this.#resend(events))) return
        this.#position = upTo
        size = nextSize(events)
      } catch (cause) {
        // The client comes again with what it has seen last.
        hub.log.warn({ err: cause }, 'a listener could not be told what it missed')
        return this.close('stopping')
      }
    }
    if (this.#state !== 'replaying') return
    this.#state = 'live'
    this.#mark()
  }

  /** False when the listener has gone. */
  async #resend(events: readonly DurableEvent[]): Promise<boolean> {
    for (const event of events) {
      if (this.sink.waiting > maxWaitingLossy) await this.sink.drained()
      if (this.isClosed) return false
      // Asked again for each: a membership may have ended while the page was read.
      const isOwn = event.spaceId === null || this.#spaces.has(event.spaceId)
      if (isOwn && this.#hears.has(event.area)) this.sink.send(event)
    }
    return !this.isClosed
  }
}

/** Small events come in large pages, large ones in small pages. */
function nextSize(events: readonly DurableEvent[]): number {
  const bytes = events.reduce((sum, { size }) => sum + size, 0)
  if (bytes === 0) return maxPage
  return Math.max(1, Math.min(maxPage, Math.floor((pageBytes * events.length) / bytes)))
}

/** The scope that a type of event asks for; the space is asked for beside it. */
const scopeOf = {
  job: 'jobs:read',
  asset: 'assets:read',
  download: 'models:read',
  library: 'models:read',
  model: 'models:read',
  collection: 'models:read',
} as const

const adminAreas = ['worker', 'hub'] as const

function areasOf({ actor }: Caller): ReadonlySet<string> {
  const areas = Object.entries(scopeOf).filter(([, scope]) => actor.scopes.includes(scope))
  const isAdmin = actor.role === 'admin' && actor.scopes.includes('admin')
  return new Set([...areas.map(([area]) => area), ...(isAdmin ? adminAreas : [])])
}

export function maySee(caller: Caller, { area, spaceId }: EventMessage): boolean {
  if (!areasOf(caller).has(area)) return false
  return spaceId === null || Object.hasOwn(caller.actor.spaces, spaceId)
}
