import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { serverUrl } from './server-url.ts'

export type TestNats = AsyncDisposable & { readonly url: string; readonly prefix: string }

/**
 * A part of the run's NATS for one test file. Subjects and names of streams and buckets must start with `prefix`
 * (letters and digits); streams that do, in either case, are removed when disposed.
 */
export async function testNats(): Promise<TestNats> {
  const url = await serverUrl('nats')
  const prefix = `t${randomBytes(6).toString('hex')}`
  return {
    url,
    prefix,
    async [Symbol.asyncDispose]() {
      using nats = await MiniNats.connect(url)
      const names = await nats.streamNames()
      for (const name of names.filter((stream) => belongsTo(stream, prefix))) {
        await nats.request(`$JS.API.STREAM.DELETE.${name}`)
      }
    },
  }
}

/** Key-value and object stores are streams with a prefix of their own. */
function belongsTo(stream: string, prefix: string): boolean {
  return stream
    .toLowerCase()
    .replace(/^(kv|obj)_/, '')
    .startsWith(prefix)
}

const CRLF = '\r\n'

/** Just enough of the NATS protocol to list and delete streams: this library may not import the bus. */
class MiniNats implements Disposable {
  #text = ''
  #waiting: ((payload: string) => void) | undefined
  readonly #socket: Socket
  readonly #inbox = `_INBOX.${randomBytes(8).toString('hex')}`

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
  }

  static async connect(text: string): Promise<MiniNats> {
    const url = new URL(text)
    const socket = connect(Number(url.port || 4222), url.hostname)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const nats = new MiniNats(socket)
    const credentials = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
    const options = {
      verbose: false,
      pedantic: false,
      lang: 'test',
      version: '0',
      ...(url.username ? credentials : {}),
    }
    socket.write(`CONNECT ${JSON.stringify(options)}${CRLF}SUB ${nats.#inbox} 1${CRLF}`)
    return nats
  }

  request(subject: string, payload = ''): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const timer = setTimeout(() => reject(new Error(`No answer of NATS to ${subject}`)), 5_000)
    this.#waiting = (answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    this.#socket.write(`PUB ${subject} ${this.#inbox} ${payload.length}${CRLF}${payload}${CRLF}`)
    return promise
  }

  async streamNames(): Promise<string[]> {
    const names: string[] = []
    for (;;) {
      const answer = await this.request('$JS.API.STREAM.NAMES', JSON.stringify({ offset: names.length }))
      const { streams, total } = JSON.parse(answer) as { streams: string[] | null; total: number }
      names.push(...(streams ?? []))
      if (!streams?.length || names.length >= total) return names
    }
  }

  #read(chunk: string): void {
    this.#text += chunk
    for (;;) {
      const end = this.#text.indexOf(CRLF)
      if (end < 0) return
      const line = this.#text.slice(0, end)
      const size = line.startsWith('MSG ') ? Number(line.split(' ').at(-1)) : undefined
      const next = end + CRLF.length + (size === undefined ? 0 : size + CRLF.length)
      if (this.#text.length < next) return
      if (size !== undefined) this.#waiting?.(this.#text.slice(end + CRLF.length, next - CRLF.length))
      if (line === 'PING') this.#socket.write(`PONG${CRLF}`)
      this.#text = this.#text.slice(next)
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}
