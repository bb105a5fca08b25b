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
  /** Where bytes of the body go; undefined: it cannot take any now, and resumes the connection when it can. */
  room(most: number): Uint8Array | undefined
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
 * room that the owner gives; only heads, chunked bodies, and what arrives without room take a copy.
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
  /** Arrived where there was no room. */
  readonly #kept: Buffer[] = []
  #ended = false
  #held = false

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

  /** After `onBytes` or `room` had to hold it back. */
  resume(): void {
    if (this.#state === 'closed') return
    this.#held = false
    try {
      if (!this.#bring(this.#kept.splice(0))) return
    } catch (cause) {
      return this.close(cause as Error)
    }
    if (this.#ended) return this.#end()
    this.#socket.resume()
  }

  close(cause?: Error): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#deadline)
    this.#socket.destroy()
    this.#owner.onClose(cause)
  }

  #buffer(): Uint8Array {
    if (this.#state !== 'body' || this.#chunked || this.#kept.length > 0) return scratch
    return this.#owner.room(this.#left) ?? scratch
  }

  #read(bytes: number, buffer: Uint8Array): boolean {
    try {
      if (buffer !== scratch && this.#state === 'body') return this.#counted(bytes)
      // What cannot be taken at once must be copied: the next read overwrites it.
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

  /** False: no more can be taken now; what is left of it is kept. */
  #body(piece: Buffer): boolean {
    const parts = this.#chunked ? this.#chunked.read(piece) : [piece]
    return this.#bring([...this.#kept.splice(0), ...parts])
  }

  #bring(parts: readonly Uint8Array[]): boolean {
    for (const [index, part] of parts.entries()) {
      const taken = this.#copy(part)
      if (this.#state !== 'body') return (this.#state as string) !== 'closed'
      if (taken === part.length) continue
      // The buffer that it stands in is read into again.
      for (const rest of [part.subarray(taken), ...parts.slice(index + 1)]) this.#kept.push(Buffer.from(rest))
      return false
    }
    return this.#chunked?.done && this.#state === 'body' ? this.#finish() : !this.#held
  }

  /** Gives how much found room. */
  #copy(piece: Uint8Array): number {
    if (piece.length > this.#left) throw new BadAnswer('The server sends more than it announced')
    let at = 0
    while (at < piece.length) {
      const room = this.#owner.room(piece.length - at)
      if (!room) break
      const length = Math.min(room.length, piece.length - at)
      room.set(piece.subarray(at, at + length))
      at += length
      this.#held = !this.#counted(length)
      if (this.#state !== 'body') break
    }
    return at
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
    this.#ended = true
    if (this.#kept.length > 0) return
    if (this.#state === 'body' && this.#untilClose) this.#finish()
    this.close(new Error('The server broke off before the end'))
  }
}
