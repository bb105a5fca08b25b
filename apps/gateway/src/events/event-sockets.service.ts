import { AppError } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { WebSocketServer } from 'ws'
import { credentialsOf, isOwnOrigin } from '../http/credentials.ts'
import { problemOf, retryAfter, statusOf } from '../http/problem.ts'
import { traceIdOf } from '../http/server.ts'
import { Authenticator } from '../identity/authenticator.service.ts'
import { RateLimits } from '../identity/rate-limits.ts'
import { CONFIG } from '../tokens.ts'
import { readCursorText } from './cursor.ts'
import { EventStreams } from './event-streams.service.ts'
import { Heartbeats } from './heartbeats.ts'
import { Tickets } from './tickets.ts'
import { WriteTogether } from './write-together.ts'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { GatewayConfig } from '../config.ts'
import type { Presented } from '../identity/authenticator.service.ts'
import type { Sink } from './event-stream.ts'

/** Clients have little to say: pongs, and a word to be answered. */
const maxPayload = 64 * 1024
const path = '/api/events'

/** `GET /api/events` with an upgrade. */
@Injectable()
export class EventSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    autoPong: false,
    clientTracking: false,
  })

  readonly #together = new WriteTogether()

  constructor(
    private readonly streams: EventStreams,
    private readonly authenticator: Authenticator,
    private readonly tickets: Tickets,
    private readonly limits: RateLimits,
    private readonly heartbeats: Heartbeats,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  serve(server: Server): void {
    server.on('upgrade', (request, socket: Duplex, head) => {
      socket.on('error', () => socket.destroy())
      void this.#upgrade(request, socket as Socket, head)
    })
  }

  async #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'http://gateway')
      if (url.pathname !== path)
        throw new AppError('not_found', 'No such route', { reason: 'ROUTE_NOT_FOUND' })
      const presented = await this.#credentials(request, url)
      const caller = await this.authenticator.authenticate(presented)
      await this.limits.countUser(caller.actor.userId)
      this.streams.requireRoom(caller.actor.userId)
      const asked = readCursorText(url.searchParams.get('after') ?? undefined)
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.send(JSON.stringify({ type: 'hello', id: String(asked ?? this.streams.hub.newest) }))
        const stream = this.streams.open(sinkOf(webSocket, socket, this.#together), {
          presented,
          after: asked,
          caller,
        })
        this.#keep(webSocket, { socket, stream })
      })
    } catch (cause) {
      this.#refuse(request, socket, await this.#countStranger(request, cause))
    }
  }

  async #credentials({ headers }: IncomingMessage, url: URL): Promise<Presented> {
    const ticket = url.searchParams.get('ticket')
    if (ticket !== null) return this.tickets.redeem(ticket)
    const presented = credentialsOf(headers)
    if (!presented) throw new AppError('unauthenticated', 'Sign in first', { reason: 'NO_CREDENTIALS' })
    // Browsers open sockets of any page to anywhere, and send the cookie along.
    if (presented.kind === 'session' && !isOwnOrigin(headers, headers.host ?? '', this.config)) {
      throw new AppError('forbidden', 'A page of another origin may not listen with your log-in', {
        reason: 'FOREIGN_ORIGIN',
      })
    }
    return presented
  }

  /** Guesses are counted; who is over the limit hears of that instead. */
  async #countStranger({ socket }: IncomingMessage, cause: unknown): Promise<unknown> {
    if (!(cause instanceof AppError) || cause.code !== 'unauthenticated') return cause
    return this.limits.countAddress(socket.remoteAddress ?? '').then(
      () => cause,
      (limited: unknown) => limited,
    )
  }

  #keep(webSocket: WebSocket, { socket, stream }: { socket: Socket; stream: Disposable }): void {
    let answered = true
    const beating = this.heartbeats.add(() => {
      if (!answered) return webSocket.terminate()
      answered = false
      webSocket.ping()
    })
    webSocket.on('pong', () => (answered = true))
    // Who asks without end and reads nothing must not fill our memory with answers.
    webSocket.on('ping', (data) => {
      if (socket.writableLength < maxPayload) webSocket.pong(data)
    })
    // A page sees no pings: it says something now and then, to hear that we are still here.
    webSocket.on('message', () => {
      if (socket.writableLength < maxPayload) webSocket.send(alive)
    })
    // Told by the close that follows.
    webSocket.on('error', () => webSocket.terminate())
    webSocket.on('close', () => {
      beating[Symbol.dispose]()
      stream[Symbol.dispose]()
    })
  }

  #refuse({ headers }: IncomingMessage, socket: Socket, cause: unknown): void {
    const error = AppError.from(cause)
    if (error.code === 'internal') this.streams.hub.log.error({ err: cause }, 'a socket could not be opened')
    const problem = problemOf(error, traceIdOf(headers))
    const body = JSON.stringify(problem)
    const seconds = retryAfter(error)
    const wait = seconds === undefined ? '' : `retry-after: ${seconds}\r\n`
    socket.end(
      `HTTP/1.1 ${statusOf(error)} ${problem.title}\r\n${wait}content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  }
}

const alive = JSON.stringify({ type: 'stream.alive' })

const closeCodes = { revoked: 1008, limit: 1008, stopping: 1001 } as const

/** Frames are made once for all; without compression they can go to the wire as they are. */
function sinkOf(webSocket: WebSocket, socket: Socket, together: WriteTogether): Sink {
  return {
    send: (event) => {
      if (webSocket.readyState !== webSocket.OPEN) return
      together.hold(socket)
      socket.write(event.frame())
    },
    get waiting() {
      return socket.writableLength
    },
    async drained() {
      if (!socket.writableNeedDrain || socket.destroyed) return
      await new Promise<void>((resolve) => {
        const done = () => {
          socket.off('drain', done)
          socket.off('close', done)
          resolve()
        }
        socket.on('drain', done)
        socket.on('close', done)
      })
    },
    close: (reason) => {
      webSocket.close(closeCodes[reason], reason)
      // Who does not answer the farewell is not waited for.
      setTimeout(() => webSocket.terminate(), 1_000).unref()
    },
  }
}
