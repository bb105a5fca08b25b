import { connect as connectPlain, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { ChunkedBody } from './chunked-body.ts'
import type { FetchTarget } from './lane-messages.ts'
import { BadAnswer, framingOf, HeadReader } from './response-head.ts'
import type { ResponseHead } from './response-head.ts'

export type ConnectionOwner = {
  /** The head of the answer; false ends the connection. */
  onHead(head: ResponseHead): boolean
  /** Where bytes of the body go: at most so many; none when all that was asked for is there. */
  room(most: number): Uint8Array
  /** So many bytes were put into that room; false pauses the connection. */
  onBytes(bytes: number): boolean
  /** The body is whole; the connection may be asked again if it still is `usable`. */
  onEnd(): void
  /** Once, whatever happens. */
  onClose(cause: Error | undefined): void
}

const connectMs = 10_000
/** What is read while it is not known where it belongs. Threads read one socket at a time. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * One connection that asks for a range at a time: idle → head → body → idle. The body is read straight into the
 * room that the owner gives; only heads and chunked bodies take a copy.
 */
export class RangeConnection {
  readonly #owner: ConnectionOwner
  readonly #target: FetchTarget
  readonly #socket: Socket
  readonly #deadline: NodeJS.Timeout
  #state: 'idle' | 'head' | 'body' | 'closed' = 'idle'
  #head = new HeadReader()
  #chunked: ChunkedBody | undefined
  /** Bytes of the body that are still to come. */
  #left = 0
  #keepsAlive = true
  #untilClose = false

  constructor(target: FetchTarget, address: string, owner: ConnectionOwner) {
    this.#owner = owner
    this.#target = target
    const onread = {
      buffer: () => this.#buffer(),
      callback: (bytes: number, buffer: Uint8Array) => this.#read(bytes, buffer),
    }
    const { port, hostname } = target
    const options = { host: address, port, onread, noDelay: true, keepAlive: true }
    this.#socket = target.secure
      ? // An address is no name to ask for (RFC 6066); the certificate is checked to be for `host` then.
        connectSecure({
          ...options,
          ...(isIP(hostname) === 0 && { servername: hostname }),
          ALPNProtocols: ['http/1.1'],
        })
      : connectPlain(options)
    this.#deadline = setTimeout(() => this.close(new Error('No connection in time')), connectMs)
    this.#socket.once(target.secure ? 'secureConnect' : 'connect', () => clearTimeout(this.#deadline))
    this.#socket.on('error', (cause) => this.close(cause))
    this.#socket.on('end', () => this.#end())
    this.#socket.on('close', () => this.close(new Error('The server closed the connection')))
  }

  get usable(): boolean {
    return this.#state === 'idle' && this.#keepsAlive
  }

  /** Has anything of the present answer come? */
  get waiting(): boolean {
    return this.#state === 'head'
  }

  ask(headers: Readonly<Record<string, string>>): void {
    this.#state = 'head'
    this.#head = new HeadReader()
    this.#chunked = undefined
    const { path, hostname, port, secure } = this.#target
    const host = hostname.includes(':') ? `[${hostname}]` : hostname
    const shown = port === (secure ? 443 : 80) ? host : `${host}:${port}`
    const lines = Object.entries({ ...this.#target.headers, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    )
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${shown}\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  }

  /** After `onBytes` had to hold it back. */
  resume(): void {
    if (this.#state !== 'closed') this.#socket.resume()
  }

  close(cause?: Error): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#deadline)
    this.#socket.destroy()
    this.#owner.onClose(cause)
  }

  #buffer(): Uint8Array {
    if (this.#state !== 'body' || this.#chunked) return scratch
    const room = this.#owner.room(this.#left)
    // What still comes then is one byte too many, or the end.
    return room.length > 0 ? room : scratch
  }

  #read(bytes: number, buffer: Uint8Array): boolean {
    try {
      if (buffer !== scratch && this.#state === 'body') return this.#counted(bytes)
      return this.#take(scratch.subarray(0, bytes))
    } catch (cause) {
      this.close(cause as Error)
      return false
    }
  }

  #take(piece: Buffer): boolean {
    if (this.#state === 'body') return this.#body(piece)
    if (this.#state === 'closed') return false
    if (this.#state === 'idle') throw new BadAnswer('The server speaks without being asked')
    const answer = this.#head.read(piece)
    if (!answer) return true
    const framing = framingOf(answer.head)
    this.#keepsAlive = answer.head.keepsAlive && framing.kind !== 'close'
    this.#untilClose = framing.kind === 'close'
    this.#left = framing.kind === 'length' ? framing.bytes : Number.MAX_SAFE_INTEGER
    this.#chunked = framing.kind === 'chunked' ? new ChunkedBody() : undefined
    this.#state = 'body'
    if (!this.#owner.onHead(answer.head)) {
      this.close()
      return false
    }
    if (this.#left === 0) return this.#finish()
    return answer.rest.length === 0 || this.#body(answer.rest)
  }

  /** Gives whether to go on reading. */
  #body(piece: Buffer): boolean {
    let goes = true
    for (const part of this.#chunked ? this.#chunked.read(piece) : [piece]) {
      if (part.length > this.#left) throw new BadAnswer('The server sends more than it announced')
      for (let at = 0; at < part.length;) {
        const room = this.#owner.room(part.length - at)
        const length = Math.min(room.length, part.length - at)
        if (length === 0) throw new BadAnswer('The server sends more than it announced')
        room.set(part.subarray(at, at + length))
        at += length
        goes = this.#counted(length)
        if (this.#state !== 'body') return goes
      }
    }
    return this.#chunked?.done ? this.#finish() : goes
  }

  #counted(bytes: number): boolean {
    this.#left -= bytes
    const goes = this.#owner.onBytes(bytes)
    if (this.#state !== 'body') return false
    return this.#left === 0 ? this.#finish() : goes
  }

  #finish(): boolean {
    this.#state = 'idle'
    this.#owner.onEnd()
    return (this.#state as string) !== 'closed'
  }

  /** The server sends no more. */
  #end(): void {
    if (this.#state === 'body' && this.#untilClose) this.#finish()
    this.close(new Error('The server broke off before the end'))
  }
}
