import { subscribeLive } from '@easel/bus'
import { Inject, Injectable } from '@nestjs/common'
import { BUS, LOG } from '../tokens.ts'
import { ActivityRepository } from './activity.repository.ts'
import { durableMessage, liveMessage } from './event-message.ts'
import type { Bus, LiveMessage } from '@easel/bus'
import type { Logger } from '@easel/observability'
import type { EventMessage } from './event-message.ts'

export type HubListener = {
  onDurable?(event: EventMessage & { readonly cursor: bigint }): void
  onLive?(event: EventMessage): void
}

const pageSize = 500
/** A message about a new row may be lost; the feed itself is asked this often. */
const checkMs = 2_000
const spaceChannels = ['job-progress', 'job-preview', 'download-progress'] as const

/**
 * One per gateway: hears of every row of the feed, in order and without gaps, and of the lossy events of the
 * spaces that somebody here listens to.
 */
@Injectable()
export class EventHub implements AsyncDisposable {
  readonly #listeners = new Set<HubListener>()
  readonly #spaces = new Map<string, { count: number; subscriptions: Disposable[] }>()
  readonly #subscriptions: Disposable[] = []
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
    this.#newest = await this.activity.newest()
    this.#subscriptions.push(
      subscribeLive(this.bus, { channel: 'event' }, (message) => this.#onRow(message)),
      subscribeLive(this.bus, { spaceId: 'system' }, (message) => this.#onLive(message)),
    )
    this.#timer = setInterval(() => this.#catchUp(), checkMs)
    this.#catchUp()
  }

  listen(listener: HubListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Brings the lossy events of a space here, as long as anybody wants them. */
  watchSpace(spaceId: string): Disposable {
    const watched = this.#spaces.get(spaceId) ?? { count: 0, subscriptions: [] }
    this.#spaces.set(spaceId, watched)
    if (watched.count++ === 0) {
      watched.subscriptions = spaceChannels.map((channel) =>
        subscribeLive(this.bus, { spaceId, channel }, (message) => this.#onLive(message)),
      )
    }
    let open = true
    const leave = () => {
      if (!open) return
      open = false
      if (--watched.count > 0) return
      for (const subscription of watched.subscriptions) subscription[Symbol.dispose]()
      this.#spaces.delete(spaceId)
    }
    return { [Symbol.dispose]: leave }
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

  #deliver(recorded: Parameters<typeof durableMessage>[0]): void {
    this.#newest = recorded.cursor
    const event = { ...durableMessage(recorded), cursor: recorded.cursor }
    for (const listener of this.#listeners) listener.onDurable?.(event)
  }

  #onLive(message: LiveMessage): void {
    const event = liveMessage(message)
    if (event) for (const listener of this.#listeners) listener.onLive?.(event)
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
