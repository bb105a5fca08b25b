const maxKeys = 20_000

/** Keys that are remembered for a while: at least for the time given, unless there are very many. */
export class Memory {
  readonly #forMs: number
  #young = new Set<string>()
  #old = new Set<string>()
  #turnedAt = performance.now()

  constructor(forMs: number) {
    this.#forMs = forMs
  }

  add(key: string): void {
    this.#turn()
    this.#young.add(key)
  }

  has(key: string): boolean {
    this.#turn()
    return this.#young.has(key) || this.#old.has(key)
  }

  /** Two generations instead of a time for each key. */
  #turn(): void {
    const age = performance.now() - this.#turnedAt
    if (age < this.#forMs && this.#young.size < maxKeys) return
    this.#old = age < 2 * this.#forMs ? this.#young : new Set()
    this.#young = new Set()
    this.#turnedAt = performance.now()
  }
}
