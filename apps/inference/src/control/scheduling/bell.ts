/** Lets one loop sleep until there is something to do. A ring while the loop is busy is not lost. */
export class Bell {
  #due = false
  #sleeper: (() => void) | undefined

  ring(): void {
    this.#due = true
    this.#sleeper?.()
  }

  /** Sleeps until a ring, the end of the signal, or the time is over. Rings since the last sleep end it at once. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#due && !signal.aborted) await this.#sleep(ms, signal)
    this.#due = false
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        this.#sleeper = undefined
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end, { once: true })
      this.#sleeper = end
    })
  }
}
