const leastBytes = 64 * 1024
const mostBytes = 4 * 1024 * 1024

/** What may be received under a cap: asked for in grants that grow while they come at once. */
export class Allowance {
  readonly #want: (bytes: number) => void
  #limited: boolean
  #credit = 0
  #quantum = leastBytes
  #askedAt: number | undefined

  constructor(limited: boolean, want: (bytes: number) => void) {
    this.#limited = limited
    this.#want = want
  }

  get limited(): boolean {
    return this.#limited
  }

  set limited(limited: boolean) {
    this.#limited = limited
  }

  /** False: nothing more may be received until the next grant. */
  get open(): boolean {
    return !this.#limited || this.#credit > 0
  }

  spend(bytes: number): boolean {
    if (!this.#limited) return true
    this.#credit -= bytes
    if (this.#credit < this.#quantum / 2) this.#ask()
    return this.#credit > 0
  }

  grant(bytes: number): void {
    const waited = performance.now() - (this.#askedAt ?? 0)
    this.#askedAt = undefined
    this.#credit += bytes
    if (waited < 20) this.#quantum = Math.min(mostBytes, this.#quantum * 2)
    else if (waited > 100) this.#quantum = Math.max(leastBytes, this.#quantum / 2)
    if (this.#limited && this.#credit <= 0) this.#ask()
  }

  #ask(): void {
    if (this.#askedAt !== undefined) return
    this.#askedAt = performance.now()
    this.#want(this.#quantum + Math.max(0, -this.#credit))
  }
}
