import { Injectable } from '@nestjs/common'

const everyMs = 15_000
const slots = 30

/**
 * One timer for all open streams: each has its turn every fifteen seconds, a thirtieth of them at a time, so that
 * thousands are never pinged at once.
 */
@Injectable()
export class Heartbeats implements Disposable {
  readonly #slots: Set<() => void>[] = Array.from({ length: slots }, () => new Set())
  readonly #timer: NodeJS.Timeout
  #now = 0

  constructor() {
    this.#timer = setInterval(() => this.#beat(), everyMs / slots)
    this.#timer.unref()
  }

  /** @param beat must not throw */
  add(beat: () => void): Disposable {
    // Those who come together are spread.
    const slot = this.#slots.reduce((best, other) => (other.size < best.size ? other : best))
    slot.add(beat)
    return { [Symbol.dispose]: () => void slot.delete(beat) }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    this.#now = (this.#now + 1) % slots
    for (const beat of this.#slots[this.#now] ?? []) beat()
  }
}
