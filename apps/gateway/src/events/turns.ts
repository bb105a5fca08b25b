/** Lets so many at once; the others wait in the order in which they came. */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  /** Give it back by disposing of it, once. */
  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return { [Symbol.dispose]: () => this.#give() }
  }

  #give(): void {
    const next = this.#waiting.shift()
    // The turn passes on as it is: nobody can come between.
    if (next) next()
    else this.#free++
  }
}
