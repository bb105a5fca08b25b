/** Lets one loop sleep until someone has work for it. A wake-up while the loop is busy is not lost. */
export class Wakeable {
  #stopped = false
  #due = false
  #interrupt: ((woken: boolean) => void) | undefined

  get stopped(): boolean {
    return this.#stopped
  }

  wake(): void {
    this.#due = true
    this.#interrupt?.(true)
  }

  /** Ends every sleep, now and later. */
  stop(): void {
    this.#stopped = true
    this.#interrupt?.(false)
  }

  /** Call before looking for work: wake-ups up to here are answered by that look. */
  rest(): void {
    this.#due = false
  }

  /** Sleeps until `wake`, `stop` or the time is over. */
  wait(ms: number): Promise<void> {
    return this.#due ? Promise.resolve() : this.#sleep(ms, () => true)
  }

  /** Sleeps until `stop` or the time is over: a wake-up does not cut a back-off short. */
  pause(ms: number): Promise<void> {
    return this.#sleep(ms, (woken) => !woken)
  }

  #sleep(ms: number, ends: (woken: boolean) => boolean): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#interrupt = undefined
        resolve()
      }
      const timer = setTimeout(end, ms)
      this.#interrupt = (woken) => {
        if (ends(woken)) end()
      }
    })
  }
}
