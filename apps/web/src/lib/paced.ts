/**
 * Reads again a moment after it is asked to, once for all that ask until then. A reading under way is never broken off
 * for a newer one: what asks meanwhile is answered by the next.
 */
export class Paced implements Disposable {
  private timer: ReturnType<typeof setTimeout> | undefined
  private isReading = false
  private wanted = false
  private isOver = false
  private readonly read: () => Promise<unknown>
  private readonly pauseMs: () => number

  constructor(read: () => Promise<unknown>, pauseMs: () => number) {
    this.read = read
    this.pauseMs = pauseMs
  }

  readonly ask = (): void => {
    if (this.isOver) return
    if (this.isReading) this.wanted = true
    else this.timer ??= setTimeout(() => void this.run(), this.pauseMs())
  };

  [Symbol.dispose](): void {
    this.isOver = true
    clearTimeout(this.timer)
  }

  private async run(): Promise<void> {
    this.timer = undefined
    this.isReading = true
    this.wanted = false
    // Its failure is the state of what was read.
    await this.read().catch(() => undefined)
    this.isReading = false
    if (this.wanted) this.ask()
  }
}
