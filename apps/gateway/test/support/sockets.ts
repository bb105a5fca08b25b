import { once } from 'node:events'
import { waitFor } from '@easel/testing'
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'

export type Event = {
  id?: string
  type: string
  spaceId: string | null
  data: { id?: string; [key: string]: unknown }
}
export type Preview = { header: Event; bytes: Buffer }

/** One listener on `GET /api/events`, and all that it was told. */
export class Listener implements Disposable {
  readonly events: Event[] = []
  readonly previews: Preview[] = []
  start: string | undefined
  closed: { code: number; reason: string } | undefined

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) return this.#hear(JSON.parse(data.toString()) as Event)
      const length = data.readUInt32BE(0)
      const header = JSON.parse(data.subarray(4, 4 + length).toString()) as Event
      this.previews.push({ header, bytes: data.subarray(4 + length) })
    })
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }))
    socket.on('error', () => undefined)
  }

  static async open(url: string, options: ClientOptions = {}): Promise<Listener> {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), options)
    const listener = new Listener(socket)
    await once(socket, 'open')
    return listener
  }

  #hear(event: Event): void {
    if (event.type === 'hello') this.start = event.id
    else this.events.push(event)
  }

  until(type: string, about?: string): Promise<Event> {
    return waitFor(
      () =>
        this.events.find((event) => event.type === type && (about === undefined || event.data.id === about)),
      { describe: `${type} of ${about ?? 'anything'}` },
    )
  }

  [Symbol.dispose](): void {
    this.socket.terminate()
  }
}

/** The status with which an upgrade is refused. */
export async function refusal(url: string, options: ClientOptions = {}): Promise<number> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), options)
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
  return response.statusCode
}
