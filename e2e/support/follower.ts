import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@easel/testing'
import { openSocket } from './listen.ts'
import type { Api } from './api.ts'
import type { Heard } from './listen.ts'

/** Listens as a good client does: comes again after the last event that it has heard. */
export class Follower implements AsyncDisposable {
  readonly heard: Heard[] = []
  connections = 0
  readonly #api: Api
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  #last: string

  private constructor(api: Api, after: string) {
    this.#api = api
    this.#last = after
    this.#running = this.#run()
  }

  static async start(api: Api, after = '0'): Promise<Follower> {
    const follower = new Follower(api, after)
    await waitFor(() => follower.connections > 0)
    return follower
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  /** Ids of durable events, as they came. */
  get ids(): string[] {
    return this.heard.flatMap(({ id }) => (id === undefined ? [] : [id]))
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await this.#connection(signal).catch(() => undefined)
      await delay(50, undefined, { signal }).catch(() => undefined)
    }
  }

  async #connection(signal: AbortSignal): Promise<void> {
    const query = `?after=${this.#last}`
    const socket = await openSocket(this.#api.url, { headers: this.#api.credentials, query })
    const leave = () => socket[Symbol.dispose]()
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    this.connections++
    let taken = 0
    const take = () => {
      for (const event of socket.heard.slice(taken)) {
        taken++
        this.heard.push(event)
        this.#last = event.id ?? this.#last
      }
    }
    let open = true
    void socket.ended.then(() => (open = false))
    for (; open; take()) await Promise.race([socket.ended, delay(20)])
    take()
    signal.removeEventListener('abort', leave)
  }
}
