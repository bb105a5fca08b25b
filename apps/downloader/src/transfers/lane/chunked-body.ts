import { BadAnswer } from './response-head.ts'

const mostLine = 8 * 1024

/** Takes a body in chunks (RFC 9112 §7.1) apart, however the socket cuts it. Trailers are read and dropped. */
export class ChunkedBody {
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size'
  #line = ''
  #left = 0

  get done(): boolean {
    return this.#state === 'done'
  }

  /** Gives the pieces of the body that are in there: views, valid until the buffer is written to again. */
  *read(piece: Uint8Array): Generator<Uint8Array, void, undefined> {
    let at = 0
    while (at < piece.length) {
      if (this.#state === 'done') throw new BadAnswer('The server sends more than the body')
      if (this.#state === 'data') {
        const end = Math.min(piece.length, at + this.#left)
        this.#left -= end - at
        yield piece.subarray(at, end)
        at = end
        if (this.#left === 0) this.#state = 'data-end'
      } else {
        this.#take(piece[at++]!)
      }
    }
  }

  #take(byte: number): void {
    this.#line += String.fromCharCode(byte)
    if (this.#line.length > mostLine) throw new BadAnswer('A line between chunks is too long')
    if (byte !== 0x0a) return
    if (!this.#line.endsWith('\r\n')) throw new BadAnswer('A line between chunks is malformed')
    const line = this.#line.slice(0, -2)
    this.#line = ''
    if (this.#state === 'size') this.#size(line)
    else if (this.#state === 'trailer') this.#state = line === '' ? 'done' : 'trailer'
    else if (line === '') this.#state = 'size'
    else throw new BadAnswer('A chunk is longer than it says')
  }

  #size(line: string): void {
    const match = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)
    if (!match) throw new BadAnswer('The size of a chunk is malformed')
    this.#left = Number.parseInt(match[1]!, 16)
    this.#state = this.#left === 0 ? 'trailer' : 'data'
  }
}
