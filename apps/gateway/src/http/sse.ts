import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Heartbeats } from '../events/heartbeats.ts'

/** Who has taken nothing for so many beats is cut off, and comes again with the id of its last event. */
const maxStalledBeats = 4

/** A response of server-sent events. Comments keep proxies from closing it. */
export class ServerEvents implements Disposable {
  readonly #response
  readonly #beating: Disposable
  readonly closed: Promise<void>

  /** @param stream.cursor where it starts, so that a listener can resume before its first event */
  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    { heartbeats, cursor }: { heartbeats: Heartbeats; cursor?: bigint },
  ) {
    const response = reply.raw
    const headers = Object.fromEntries(
      Object.entries(reply.getHeaders()).map(([name, value]) => [name, value as string | string[]]),
    )
    reply.hijack()
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    request.raw.socket.setNoDelay(true)
    // Different for each: those of one gateway lose their connection together.
    const retryMs = 1_000 + Math.floor(Math.random() * 2_000)
    response.write(`retry: ${retryMs}\n${cursor === undefined ? '' : `id: ${cursor}\n`}\n`)
    this.#response = response
    this.closed = new Promise((resolve) => response.once('close', resolve))
    this.#beating = heartbeats.add(this.#beat())
    void this.closed.then(() => this.#beating[Symbol.dispose]())
  }

  write(text: string): void {
    if (!this.#response.writableEnded) this.#response.write(text)
  }

  get waiting(): number {
    return this.#response.writableLength
  }

  async drained(): Promise<void> {
    // Only what was refused room is told when there is some.
    if (!this.#response.writableNeedDrain || this.#response.destroyed) return
    const drain = new Promise<void>((resolve) => this.#response.once('drain', resolve))
    await Promise.race([drain, this.closed])
  }

  [Symbol.dispose](): void {
    this.#beating[Symbol.dispose]()
    if (!this.#response.writableEnded) this.#response.end()
  }

  #beat(): () => void {
    const response = this.#response
    let before = 0
    let stalled = 0
    return () => {
      const waiting = response.writableLength
      if (waiting === 0) response.write(': ping\n\n')
      stalled = waiting > 0 && waiting === before ? stalled + 1 : 0
      before = waiting
      if (stalled >= maxStalledBeats) response.destroy()
    }
  }
}
