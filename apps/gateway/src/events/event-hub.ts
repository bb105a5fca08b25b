import { subscribeLive } from '@easel/bus'
import { Inject, Injectable } from '@nestjs/common'
import { BUS, LOG } from '../tokens.ts'
import { ActivityRepository } from './activity.repository.ts'
import { durableMessage, liveMessage } from './event-message.ts'
import { RecentEvents } from './recent-events.ts'
import { Turns } from './turns.ts'
import type { Bus, LiveMessage } from '@easel/bus'
import type { Logger } from '@easel/observability'
import type { Recorded } from './activity.repository.ts'
import type { DurableEvent, EventMessage } from './event-message.ts'

export type HubListener = {
  onDurable(event: DurableEvent): void
  onLive(event: EventMessage): void
}

/** A part of the feed, in order. */
export type FeedPart = {
  readonly events: readonly DurableEvent[]
  /** Nothing up to here is missing. */
  readonly upTo: bigint
}

const pageSize = 500
/** A message about a new row may be lost; the feed itself is asked this often. */
const checkMs = 2_000
const spaceChannels = ['job-progress', 'job-preview', 'download-progress'] as const
/** Read at the start, for those who resume then. */
const recentEvents = 1_000
const recentBytes = 2 ** 20
/** So many listeners read the feed at once; the other connections are for requests. */
const readersAtOnce = 3

type Space = { readonly listeners: Set<HubListener>; readonly subscriptions: readonly Disposable[] }

/**
 * One per gateway: hears of every row of the feed, in order and without gaps, and of the lossy events of the
 * spaces that somebody here listens to. Listeners are kept by space and by subject: an event is put before those
 * only whom it may concern.
 */
@Injectable()
export class EventHub implements AsyncDisposable {
  readonly #spaces = new Map<string, Space>()
  readonly #everybody = new Set<HubListener>()
  readonly #subjects = new Map<string, Set<(event: DurableEvent) => void>>()
  readonly #subscriptions: Disposable[] = []
  readonly #readers = new Turns(readersAtOnce)
  #recent = new RecentEvents(0n)
  #newest = 0n
  #catchingUp: Promise<void> | undefined
  #missed = false
  #timer: NodeJS.Timeout | undefined
  readonly #closing = new AbortController()

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) readonly log: Logger,
    readonly activity: ActivityRepository,
  ) {}

  /** The cursor up to which everything was told to the listeners. */
  get newest(): bigint {
    return this.#newest
  }

  /** Aborted when the gateway stops. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  async start(): Promise<void> {
    await this.#readRecent()
    this.#subscriptions.push(
      subscribeLive(this.bus, { channel: 'event' }, (message) => this.#onRow(message)),
      subscribeLive(this.bus, { spaceId: 'system' }, (message) => this.#onLive(message)),
    )
    this.#timer = setInterval(() => this.#catchUp(), checkMs)
    this.#catchUp()
  }

  /** Tells of what concerns nobody's space in particular. */
  listen(listener: HubListener): Disposable {
    this.#everybody.add(listener)
    return { [Symbol.dispose]: () => void this.#everybody.delete(listener) }
  }

  /** Tells of what happens in a space; its lossy events come here as long as anybody wants them. */
  listenTo(spaceId: string, listener: HubListener): Disposable {
    const { listeners } = this.#openSpace(spaceId)
    listeners.add(listener)
    return { [Symbol.dispose]: () => listeners.delete(listener) && this.#closeSpace(spaceId) }
  }

  /** Tells of durable events of one subject. Whether its listener may hear them is the caller's matter. */
  listenToSubject(subject: string, listener: (event: DurableEvent) => void): Disposable {
    const listeners = this.#subjects.get(subject) ?? new Set()
    this.#subjects.set(subject, listeners.add(listener))
    const leave = () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#subjects.delete(subject)
    }
    return { [Symbol.dispose]: leave }
  }

  /** What came after a cursor, of these spaces and for everybody: from memory, else in turn from the feed. */
  async readAfter(cursor: bigint, spaces: ReadonlyMap<string, unknown>, limit: number): Promise<FeedPart> {
    // Taken before the read: the read has everything up to here.
    const upTo = this.#newest
    const kept = this.#recent.after(cursor, spaces)
    if (kept) return { events: kept, upTo }
    using _turn = await this.#readers.take()
    const rows = await this.activity.listAfter(cursor, limit, [...spaces.keys()])
    const last = rows.at(-1)?.cursor ?? cursor
    const isAll = rows.length < limit && last < upTo
    return { events: rows.map(durableMessage), upTo: isAll ? upTo : last }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#timer)
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]()
    for (const { subscriptions } of this.#spaces.values()) {
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
    }
    await this.#catchingUp
  }

  #openSpace(spaceId: string): Space {
    const open = this.#spaces.get(spaceId)
    if (open) return open
    const subscriptions = spaceChannels.map((channel) =>
      subscribeLive(this.bus, { spaceId, channel }, (message) => this.#onLive(message)),
    )
    const space = { listeners: new Set<HubListener>(), subscriptions }
    this.#spaces.set(spaceId, space)
    return space
  }

  #closeSpace(spaceId: string): void {
    const space = this.#spaces.get(spaceId)
    if (!space || space.listeners.size > 0) return
    for (const subscription of space.subscriptions) subscription[Symbol.dispose]()
    this.#spaces.delete(spaceId)
  }

  async #readRecent(): Promise<void> {
    const rows = await this.activity.listRecent(recentEvents, recentBytes)
    const [oldest] = rows
    this.#newest = rows.at(-1)?.cursor ?? (await this.activity.newest())
    this.#recent = new RecentEvents(oldest ? oldest.cursor - 1n : this.#newest)
    for (const row of rows) this.#recent.add(durableMessage(row))
  }

  #onRow({ spaceId, key, data, bytes }: LiveMessage): void {
    const cursor = BigInt(key)
    if (cursor <= this.#newest) return
    const previous = BigInt(String(data.previous))
    if (this.#catchingUp || previous > this.#newest) return this.#catchUp()
    this.#deliver({
      cursor,
      spaceId: spaceId === 'everyone' ? null : spaceId,
      type: String(data.type),
      subject: String(data.subject),
      time: String(data.time),
      data: Buffer.from(bytes ?? '').toString(),
    })
  }

  #deliver(recorded: Recorded): void {
    this.#newest = recorded.cursor
    const event = durableMessage(recorded)
    this.#recent.add(event)
    for (const listener of this.#listenersOf(event)) listener.onDurable(event)
    for (const listener of this.#subjects.get(event.subject) ?? []) listener(event)
  }

  #onLive(message: LiveMessage): void {
    const event = liveMessage(message)
    if (event) for (const listener of this.#listenersOf(event)) listener.onLive(event)
  }

  #listenersOf({ spaceId }: EventMessage): Iterable<HubListener> {
    return spaceId === null ? this.#everybody : (this.#spaces.get(spaceId)?.listeners ?? [])
  }

  #catchUp(): void {
    this.#missed = true
    this.#catchingUp ??= this.#readMissed().finally(() => (this.#catchingUp = undefined))
  }

  async #readMissed(): Promise<void> {
    while (this.#missed && !this.closing.aborted) {
      this.#missed = false
      try {
        const rows = await this.activity.listAfter(this.#newest, pageSize)
        for (const row of rows) this.#deliver(row)
        if (rows.length === pageSize) this.#missed = true
      } catch (cause) {
        this.log.warn({ err: cause }, 'the feed cannot be read; it is tried again')
        return
      }
    }
  }
}
