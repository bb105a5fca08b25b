import type { FastifyReply, FastifyRequest } from 'fastify'

const pingMs = 15_000

/** A response of server-sent events. Comments keep proxies from closing it. */
export class ServerEvents implements Disposable {
  readonly #response
  readonly #timer: NodeJS.Timeout
  readonly closed: Promise<void>

  /** @param cursor where the stream starts, so that a listener can resume before its first event */
  constructor(request: FastifyRequest, reply: FastifyReply, cursor?: bigint) {
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
    response.write(`retry: 2000\n${cursor === undefined ? '' : `id: ${cursor}\n`}\n`)
    this.#response = response
    this.closed = new Promise((resolve) => response.once('close', resolve))
    this.#timer = setInterval(() => {
      if (response.writableLength === 0) response.write(': ping\n\n')
    }, pingMs)
    this.#timer.unref()
    void this.closed.then(() => clearInterval(this.#timer))
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
    clearInterval(this.#timer)
    if (!this.#response.writableEnded) this.#response.end()
  }
}
