import { createClient } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { workerDesk } from '@easel/contracts'
import type { BeatReply, WorkerBeat } from '@easel/contracts'
import { setTimeout as delay } from 'node:timers/promises'

export type BeatsOptions = { bus: Bus; tell: () => WorkerBeat; onReply: (reply: BeatReply) => void }

const everyMs = 1_000
const answerMs = 2_000

/** Tells control every second, and at once when something changes, how this worker is. */
export class Beats implements AsyncDisposable {
  readonly #options: BeatsOptions
  readonly #stopping = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  #wake = new AbortController()
  #heard = true

  constructor(options: BeatsOptions) {
    this.#options = options
  }

  start(): void {
    this.#loop = this.#keepOn()
  }

  soon(): void {
    this.#wake.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    this.#wake.abort()
    await this.#loop
  }

  async #keepOn(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController()
      await this.#beat()
      await delay(everyMs, undefined, { signal: this.#wake.signal }).catch(() => undefined)
    }
  }

  async #beat(): Promise<void> {
    const { bus, tell, onReply } = this.#options
    const { signal } = this.#stopping
    try {
      onReply(await createClient(bus, workerDesk).beat(tell(), { timeoutMs: answerMs, signal }))
      this.#heard = true
    } catch (cause) {
      if (this.#heard && !signal.aborted)
        bus.log.warn({ err: cause }, 'nobody hears the beats of this worker')
      this.#heard = false
    }
  }
}
