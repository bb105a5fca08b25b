import type { Writable } from 'node:stream'

/** What one turn of the event loop writes to a socket goes to the kernel in one call. */
export class WriteTogether {
  #held: Writable[] = []

  hold(socket: Writable): void {
    if (socket.writableCorked > 0) return
    socket.cork()
    if (this.#held.push(socket) === 1) process.nextTick(() => this.#release())
  }

  #release(): void {
    const held = this.#held
    this.#held = []
    for (const socket of held) socket.uncork()
  }
}
