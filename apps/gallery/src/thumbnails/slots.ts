/** A number of places; who is urgent gets the next one before all who are not. */
export class Slots {
  #free: number
  readonly #urgent: (() => void)[] = []
  readonly #patient: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<T>(work: () => Promise<T>, { urgent = false } = {}): Promise<T> {
    await this.#take(urgent)
    try {
      return await work()
    } finally {
      const next = this.#urgent.shift() ?? this.#patient.shift()
      if (next) next()
      else this.#free += 1
    }
  }

  #take(urgent: boolean): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve) => (urgent ? this.#urgent : this.#patient).push(resolve))
  }
}
