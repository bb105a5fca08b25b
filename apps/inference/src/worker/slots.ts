/**
 * A number of places, given out in the order in which they were asked for. The number may change; places that
 * are taken stay taken.
 */
export class Slots {
  #capacity: number
  #taken = 0
  #open = true
  readonly #waiting = new Set<() => void>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get free(): number {
    return this.#open ? Math.max(0, this.#capacity - this.#taken - this.#waiting.size) : 0
  }

  get taken(): number {
    return this.#taken
  }

  set capacity(capacity: number) {
    this.#capacity = capacity
    this.#grant()
  }

  /** While closed nobody gets a place; who waits goes on waiting. */
  set open(open: boolean) {
    this.#open = open
    this.#grant()
  }

  /** Give it back by disposing of it. Rejects with the signal's reason. */
  async take(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted()
    if (!this.#open || this.#taken >= this.#capacity) await this.#wait(signal)
    else this.#taken += 1
    let given = false
    return {
      [Symbol.dispose]: () => {
        if (given) return
        given = true
        this.#taken -= 1
        this.#grant()
      },
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.delete(go)
        reject(signal!.reason as Error)
      }
      this.#waiting.add(go)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #grant(): void {
    for (const go of this.#waiting) {
      if (!this.#open || this.#taken >= this.#capacity) return
      this.#waiting.delete(go)
      // Taken here, not when the waiting one wakes up: somebody else could come between.
      this.#taken += 1
      go()
    }
  }
}
