import { parseJson } from '@easel/protocol'
import { EaselError } from './easel-error.ts'
import { readServerEvents } from './event-source.ts'
import type { ServerEvent } from './event-source.ts'
import type { Connection } from './connection.ts'
import type { EventPage, EventTicket, EventView, GetEventsQuery } from './api-schemas.ts'

/**
 * `id` is missing in lossy events (progress). `data` is the job, asset, download, … as it then was. After a resume,
 * and after a gap in the lossy ones, `caughtUp` comes: everything up to its `id` has been told.
 */
export type EaselEvent<T = unknown> = Omit<EventView, 'data'> & { readonly data: T }

/** The type of the event that ends a replay; its data is `{ dropped }`, the number of lossy events left out. */
export const caughtUp = 'stream.caught-up'

export type ListenOptions = {
  /** Goes on after this event; without it: with what comes from now on. */
  readonly after?: string
  readonly signal?: AbortSignal
  /** Told when the connection was lost and is made again. */
  readonly onReconnect?: (cause: unknown) => void
}

const longestPauseMs = 10_000

export class Events {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Events as they come, until the signal aborts. After a lost connection it goes on where it was: durable
   * events come at least once and in order. Ends with an `EaselError` when the credentials end.
   */
  async *listen({ after, signal, onReconnect }: ListenOptions = {}): AsyncGenerator<EaselEvent> {
    let last = after
    for (let failures = 0; !signal?.aborted; failures++) {
      try {
        for await (const { id, data } of this.#open('/api/events', last, signal)) {
          failures = 0
          last = id ?? last
          if (data !== '') yield parseJson(data) as EaselEvent
        }
      } catch (cause) {
        if (signal?.aborted) return
        if (
          cause instanceof EaselError &&
          cause.status >= 400 &&
          cause.status < 500 &&
          cause.status !== 429
        ) {
          throw cause
        }
        onReconnect?.(cause)
      }
      // Different for each: the listeners of one server lose their connection together.
      await pause(Math.min(longestPauseMs, 250 * 2 ** failures) * (0.5 + Math.random()), signal)
    }
  }

  /** The events of one job, from how it is now to its end. */
  async *ofJob(jobId: string, signal?: AbortSignal): AsyncGenerator<EaselEvent> {
    const path = `/api/jobs/${encodeURIComponent(jobId)}/events`
    for await (const { data } of this.#open(path, undefined, signal)) {
      if (data !== '') yield parseJson(data) as EaselEvent
    }
  }

  /** What came after a cursor, the oldest first. */
  list(query: GetEventsQuery = {}): Promise<EventPage> {
    return this.#connection.json('GET', '/api/events', { query })
  }

  /** Opens one WebSocket: `new WebSocket('…/api/events?ticket=' + ticket)`. */
  ticket(): Promise<EventTicket> {
    return this.#connection.json('POST', '/api/events/ticket')
  }

  async *#open(path: string, after: string | undefined, signal?: AbortSignal): AsyncGenerator<ServerEvent> {
    const response = await this.#connection.send('GET', path, {
      headers: { accept: 'text/event-stream', ...(after !== undefined && { 'last-event-id': after }) },
      ...(signal && { signal }),
    })
    if (!response.body) return
    yield* readServerEvents(response.body)
  }
}

export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
