import type { Attempts } from './attempts.ts'

type Drained = Pick<Attempts, 'draining' | 'drain' | 'resume'>

/**
 * Whether this worker takes work: taking ⇄ draining (an admin's wish) → stopping (the end of its process).
 */
export class Drains {
  readonly #attempts: Drained
  readonly #onChange: () => void
  /** Control's wish, as its last reply told it. */
  #wished = false
  #stopping = false

  constructor(attempts: Drained, onChange: () => void) {
    this.#attempts = attempts
    this.#onChange = onChange
  }

  drain(): void {
    if (this.#attempts.draining) return
    this.#attempts.drain()
    this.#onChange()
  }

  /** A worker that is stopping goes on stopping. */
  resume(): void {
    if (this.#stopping || !this.#attempts.draining) return
    this.#attempts.resume()
    this.#onChange()
  }

  /** The replies to beats bring about what a call could not. Only a change of the wish lifts a drain. */
  told(wish: boolean): void {
    if (wish) this.drain()
    else if (this.#wished) this.resume()
    this.#wished = wish
  }

  stop(): void {
    this.#stopping = true
    this.drain()
  }
}
