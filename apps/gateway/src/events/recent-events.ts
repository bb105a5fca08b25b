import type { DurableEvent } from './event-message.ts'

const maxEvents = 2_048
/** Of data; an event that was sent keeps its text and its frame beside it. */
const maxBytes = 2 * 2 ** 20

/**
 * The newest events of the feed, without gaps. When a gateway comes back, all its listeners resume at once and
 * almost at the same place: they are served from here, and the database is asked once.
 */
export class RecentEvents {
  #events: DurableEvent[] = []
  #bytes = 0
  /** Everything after it is here. */
  #floor: bigint

  constructor(floor: bigint) {
    this.#floor = floor
  }

  add(event: DurableEvent): void {
    this.#events.push(event)
    this.#bytes += event.size
    // In large steps: each moves what stays.
    if (this.#events.length > 2 * maxEvents || this.#bytes > 2 * maxBytes) this.#shrink()
  }

  /** All of these spaces and of everybody after a cursor; undefined when that is longer ago than they are kept. */
  after(cursor: bigint, spaces: ReadonlyMap<string, unknown>): DurableEvent[] | undefined {
    if (cursor < this.#floor) return undefined
    const from = this.#placeAfter(cursor)
    return this.#events.slice(from).filter(({ spaceId }) => spaceId === null || spaces.has(spaceId))
  }

  #shrink(): void {
    let drop = 0
    while (drop < this.#events.length && (this.#events.length - drop > maxEvents || this.#bytes > maxBytes)) {
      const { cursor, size } = this.#events[drop++]!
      this.#bytes -= size
      this.#floor = cursor
    }
    this.#events = this.#events.slice(drop)
  }

  #placeAfter(cursor: bigint): number {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#events[middle]!.cursor > cursor) high = middle
      else low = middle + 1
    }
    return low
  }
}
