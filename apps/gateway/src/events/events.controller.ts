import { parseJson } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { credentialsOf } from '../http/credentials.ts'
import { answered, route } from '../http/route.ts'
import { ServerEvents } from '../http/sse.ts'
import { readCursorText } from './cursor.ts'
import { EventHub } from './event-hub.ts'
import { durableMessage } from './event-message.ts'
import { maySee } from './event-stream.ts'
import { EventStreams } from './event-streams.service.ts'
import { EventPage, EventTicket, ListEvents } from './events.messages.ts'
import { Heartbeats } from './heartbeats.ts'
import { ticketSeconds, Tickets } from './tickets.ts'
import type { FastifyRequest } from 'fastify'
import type { Answered, Call, Controller, Route } from '../http/route.ts'
import type { Presented } from '../identity/authenticator.service.ts'
import type { EventView } from './events.messages.ts'

const defaultLimit = 50

@Injectable()
export class EventsController implements Controller {
  readonly area = 'events'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/events',
      access: 'signed-in',
      summary: 'Listen to events, or page through them',
      description: [
        'Three ways in one. As **WebSocket**: the first message, `hello`, tells where the stream starts (`?after=` resumes); text messages are events; a binary message is a preview: four bytes (big-endian) give the length of the JSON header that follows, then comes the picture. With `Accept: text/event-stream`: **server-sent events**, resumable by `Last-Event-ID`. Else **JSON**: what came after the cursor `after`, the oldest first.',
        'Events with an `id` are durable and come in order, at least once. Those without (`job.progress`, `job.preview`, `download.progress`, `library.scan`, `worker.changed`) are lossy.',
        'A stream that resumes, and one whose reader was too slow, is sent what it missed; then `stream.caught-up` says that it has everything up to its `id`, and in `data.dropped` how many lossy events were left out since the last such word.',
      ].join('\n\n'),
      query: ListEvents,
      headers: { 'Last-Event-ID': 'Server-sent events: the last event that was seen.' },
      answer: EventPage,
      produces: ['text/event-stream'],
      stream: true,
      handle: (call) => this.#open(call),
    }),
    route({
      method: 'POST',
      path: '/events/ticket',
      access: 'signed-in',
      summary: 'Get a ticket that opens one socket (`?ticket=`), for who cannot send headers with it',
      answer: EventTicket,
      handle: async ({ request, reply }) => {
        reply.header('cache-control', 'no-store')
        return { ticket: await this.tickets.issue(presentedBy(request)), expiresInSeconds: ticketSeconds }
      },
    }),
  ]

  constructor(
    private readonly streams: EventStreams,
    private readonly hub: EventHub,
    private readonly tickets: Tickets,
    private readonly heartbeats: Heartbeats,
  ) {}

  async #open(call: Call<never, ListEvents>): Promise<EventPage | Answered> {
    const { request } = call
    if (!/\btext\/event-stream\b/.test(request.headers.accept ?? '')) return this.#list(call)
    const { caller, reply, query } = call
    this.streams.requireRoom(caller.actor.userId)
    const last = request.headers['last-event-id']
    const after = readCursorText(typeof last === 'string' ? last : query.after)
    const presented = presentedBy(request)
    const events = new ServerEvents(request, reply, {
      heartbeats: this.heartbeats,
      cursor: after ?? this.hub.newest,
    })
    const sink = {
      send: (event: { sse(): string | undefined }) => {
        const text = event.sse()
        if (text !== undefined) events.write(text)
      },
      get waiting() {
        return events.waiting
      },
      drained: () => events.drained(),
      close: () => events[Symbol.dispose](),
    }
    const stream = this.streams.open(sink, { caller, presented, after })
    void events.closed.then(() => stream[Symbol.dispose]())
    return answered
  }

  async #list({ caller, query }: Call<never, ListEvents>): Promise<EventPage> {
    const { limit = defaultLimit, after, cursor } = query
    const start = readCursorText(after ?? cursor) ?? 0n
    const rows = await this.hub.activity.listAfter(start, limit, Object.keys(caller.actor.spaces))
    const seen = rows.map(durableMessage).filter((event) => maySee(caller, event))
    return {
      items: seen.map((event) => parseJson(event.text()) as EventView),
      nextCursor: String(rows.at(-1)?.cursor ?? start),
    }
  }
}

/** The gate has let it in, so it has credentials. */
export function presentedBy(request: FastifyRequest): Presented {
  return credentialsOf(request.headers) as Presented
}
