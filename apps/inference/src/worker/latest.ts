export type LatestOptions = {
  everyMs: number
  /** Hold back the first value as well: what is over before that is never sent. */
  late?: boolean
}

/** Sends the latest of the values it is offered, at most one in `everyMs`. */
export class Latest<T> implements Disposable {
  readonly #send: (value: T) => void
  readonly #everyMs: number
  #next: { value: T } | undefined
  #timer: NodeJS.Timeout | undefined
  #nextAt: number

  constructor({ everyMs, late = false }: LatestOptions, send: (value: T) => void) {
    this.#send = send
    this.#everyMs = everyMs
    this.#nextAt = late ? performance.now() + everyMs : 0
  }

  offer(value: T): void {
    this.#next = { value }
    if (this.#timer) return
    const waitMs = this.#nextAt - performance.now()
    if (waitMs <= 0) this.#flush()
    else this.#timer = setTimeout(() => this.#flush(), waitMs)
  }

  /** What was not sent yet is forgotten. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#next = undefined
  }

  #flush(): void {
    this.#timer = undefined
    this.#nextAt = performance.now() + this.#everyMs
    const next = this.#next
    this.#next = undefined
    if (next) this.#send(next.value)
  }
}
