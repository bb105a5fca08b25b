import { connect } from 'node:net'
import { randomBytes } from 'node:crypto'
import { apiKey } from './processes.ts'
import type { Socket } from 'node:net'
import type { Target } from './processes.ts'

/** A WebSocket read by hand: a client library for each of thousands would be most of what is measured. */
export class RawSocket {
  readonly socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #open = false

  private constructor(socket: Socket, onFrame: (payload: Buffer) => void, onOpen: () => void) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
      if (!this.#open) {
        const end = this.#rest.indexOf('\r\n\r\n')
        if (end < 0) return
        if (!this.#rest.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
          return socket.destroy(new Error(`Refused: ${this.#rest.toString()}`))
        }
        this.#open = true
        this.#rest = this.#rest.subarray(end + 4)
        onOpen()
      }
      this.#read(onFrame)
    })
  }

  static open({ port, path }: Target, onFrame: (payload: Buffer) => void, query = ''): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('A socket was closed')))
      const opened: RawSocket = new RawSocket(socket, onFrame, () => resolve(opened))
      socket.write(
        [
          `GET ${path}${query} HTTP/1.1`,
          `host: 127.0.0.1:${port}`,
          `authorization: Bearer ${apiKey}`,
          'connection: Upgrade',
          'upgrade: websocket',
          'sec-websocket-version: 13',
          `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
          '\r\n',
        ].join('\r\n'),
      )
    })
  }

  #read(onFrame: (payload: Buffer) => void): void {
    for (;;) {
      const rest = this.#rest
      if (rest.length < 2) return
      let length = rest[1]! & 127
      let start = 2
      if (length === 126) {
        if (rest.length < 4) return
        length = rest.readUInt16BE(2)
        start = 4
      } else if (length === 127) {
        if (rest.length < 10) return
        length = Number(rest.readBigUInt64BE(2))
        start = 10
      }
      if (rest.length < start + length) return
      const payload = rest.subarray(start, start + length)
      const opcode = rest[0]! & 15
      this.#rest = rest.subarray(start + length)
      if (opcode === 9) this.#pong(payload)
      else onFrame(payload)
    }
  }

  #pong(payload: Buffer): void {
    // Masked with zeros, which changes nothing.
    this.socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]), payload]))
  }
}

const mark = Buffer.from('"n":')

/** Many sockets on one target, and which event has come to all of them. */
export class Crowd implements Disposable {
  readonly #waiting = new Map<number, { left: number; done: () => void }>()
  readonly sockets: RawSocket[] = []
  readonly spaceId: string
  caughtUp = 0
  #expected = 0

  /** @param spaceId whose events they hear */
  constructor(spaceId: string) {
    this.spaceId = spaceId
  }

  async open(target: Target, count: number, query = ''): Promise<void> {
    const before = this.sockets.length
    const part = 100
    while (this.sockets.length < before + count) {
      const size = Math.min(part, before + count - this.sockets.length)
      const opening = Array.from({ length: size }, () =>
        RawSocket.open(target, (payload) => this.#hear(payload), query),
      )
      this.sockets.push(...(await Promise.all(opening)))
    }
    this.#expected = this.sockets.length
  }

  /** Takes one out of the count and stops reading it. */
  pauseOne(): RawSocket {
    const paused = this.sockets.at(-1)!
    paused.socket.pause()
    this.#expected--
    return paused
  }

  /** Resolves when every socket has the event. */
  arrived(n: number): Promise<void> {
    return new Promise((done) => this.#waiting.set(n, { left: this.#expected, done }))
  }

  [Symbol.dispose](): void {
    for (const { socket } of this.sockets) socket.destroy()
  }

  #hear(payload: Buffer): void {
    const at = payload.indexOf(mark)
    if (at < 0) {
      if (payload.includes('stream.caught-up')) this.caughtUp++
      return
    }
    const n = Number.parseInt(payload.toString('latin1', at + mark.length, at + mark.length + 12), 10)
    const waiting = this.#waiting.get(n)
    if (!waiting || --waiting.left > 0) return
    this.#waiting.delete(n)
    waiting.done()
  }
}
