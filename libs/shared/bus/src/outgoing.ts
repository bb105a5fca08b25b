/**
 * What one turn of the event loop has to send goes to the server in one write: the client flushes after each
 * microtask that publishes, and a write to a socket costs more than all else that a message costs. It runs at the
 * end of the turn, so a message alone does not wait.
 */
export class Outgoing {
  private waiting: (() => void)[] = []

  /** @param send must not throw. */
  add(send: () => void): void {
    if (this.waiting.push(send) === 1) setImmediate(() => this.flush())
  }

  flush(): void {
    const due = this.waiting
    this.waiting = []
    for (const send of due) send()
  }
}
