import type { QueryClient } from '@tanstack/react-query'

const settleMs = 250
/** What is dear to read, such as a search at its sources, is not read more often than this. */
const dearMs = 3_000
const dear: ReadonlySet<string> = new Set(['models'])

/**
 * Reads again what an event has made old, a moment later, together with what other events make old until then. Each key
 * by itself:
 *
 *   fresh → waiting → reading → fresh, or (made old again while it was read) waiting
 *
 * A reading is never broken off for a newer one: under a steady stream of events none would come to its end.
 */
export class Rereads implements Disposable {
  private readonly client: QueryClient
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  private readonly reading = new Set<string>()
  private readonly again = new Set<string>()
  private readonly pauseMs: (key: string) => number

  constructor(
    client: QueryClient,
    pauseMs: (key: string) => number = (key) => (dear.has(key) ? dearMs : settleMs),
  ) {
    this.client = client
    this.pauseMs = pauseMs
  }

  /** `key`: the first word of the keys of what was read. */
  add(key: string): void {
    if (this.reading.has(key)) {
      this.again.add(key)
      return
    }
    if (this.timers.has(key)) return
    this.timers.set(
      key,
      setTimeout(() => void this.read(key), this.pauseMs(key)),
    )
  }

  [Symbol.dispose](): void {
    for (const timer of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
    this.again.clear()
  }

  private async read(key: string): Promise<void> {
    this.timers.delete(key)
    this.reading.add(key)
    // Its failure is the state of what was read.
    await this.client.invalidateQueries({ queryKey: [key] })
    this.reading.delete(key)
    if (this.again.delete(key)) this.add(key)
  }
}
