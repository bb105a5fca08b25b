import { setTimeout as delay } from 'node:timers/promises'
import { openEventSource, openSocket } from '../../support/listen.ts'
import type { Heard, Listener } from '../../support/listen.ts'
import type { Random } from './random.ts'

export type SubscriberOptions = {
  name: string
  gateways: readonly string[]
  headers: Record<string, string>
  kind: 'socket' | 'server-sent'
  random: Random
  onEvent?: (event: Heard) => void
}

const pauseMs = 200

/** Listens to all that its user may see, from the beginning; comes back after each loss and goes on where it was. */
export class Subscriber implements AsyncDisposable {
  readonly name: string
  /** Of durable events, as they came. */
  readonly ids: string[] = []
  connections = 0
  readonly #options: SubscriberOptions
  readonly #closing = new AbortController()
  readonly #running: Promise<void>

  constructor(options: SubscriberOptions) {
    this.name = options.name
    this.#options = options
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    while (!signal.aborted) {
      try {
        using listener = await this.#open()
        this.connections += 1
        await Promise.race([this.#follow(listener), stopped])
      } catch {
        // Nobody is there now: that is what it comes back for.
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  #open(): Promise<Listener> {
    const { gateways, headers, kind, random } = this.#options
    const url = random.pick(gateways)
    const last = this.ids.at(-1) ?? '0'
    if (kind === 'socket') return openSocket(url, { headers, query: `?after=${last}` })
    return openEventSource(url, { ...headers, 'last-event-id': last })
  }

  async #follow(listener: Listener): Promise<void> {
    let seen = 0
    let open = true
    void listener.ended.then(() => (open = false))
    const take = () => {
      for (; seen < listener.heard.length; seen++) this.#take(listener.heard[seen]!)
    }
    for (; open; take()) await Promise.race([listener.ended, delay(20)])
    take()
  }

  #take(event: Heard): void {
    if (event.id !== undefined) this.ids.push(event.id)
    this.#options.onEvent?.(event)
  }
}
