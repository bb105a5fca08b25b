import { AppError } from '@easel/protocol'

const longestPauseMs = 60_000
const tolerated = 3

/**
 * Leaves a source alone that does not work. Closed: requests go through. After one that could not be reached, or
 * three bad answers in a row, it opens: requests fail at once. When the pause is over one request may try; its success
 * closes it, its failure doubles the pause.
 */
export class Breaker {
  readonly #pauseMs: number
  #bad = 0
  #pauses = 0
  #openUntil = 0
  #trying = false

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs
  }

  /** Throws while it is open. */
  enter(): void {
    if (this.#pauses === 0) return
    const retryAfterMs = Math.ceil(this.#openUntil - performance.now())
    if (retryAfterMs <= 0 && !this.#trying) {
      this.#trying = true
      return
    }
    throw new AppError('unavailable', 'This source did not answer a moment ago', {
      reason: 'SOURCE_UNAVAILABLE',
      retryAfterMs: Math.max(retryAfterMs, 100),
    })
  }

  /** What it answered does not matter: it works. */
  succeeded(): void {
    this.#bad = 0
    this.#pauses = 0
    this.#trying = false
  }

  failed({ reached }: { reached: boolean }): void {
    this.#trying = false
    this.#bad++
    if (reached && this.#pauses === 0 && this.#bad < tolerated) return
    this.#pauses++
    const pause = Math.min(longestPauseMs, this.#pauseMs * 2 ** (this.#pauses - 1))
    this.#openUntil = performance.now() + pause
  }

  /** The request was given up before it told anything. */
  left(): void {
    this.#trying = false
  }
}
