import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** An answer to replay. A string or bytes are sent as they are, anything else as JSON. */
export type RecordedAnswer = {
  status?: number
  headers?: Record<string, string>
  body?: unknown
  /** Before the first byte. */
  delayMs?: number
  /** The connection is reset: at once (0), or after so many bytes of the body. */
  cutAfterBytes?: number
  /** Headers and half of the body, then silence. */
  hang?: boolean
}

/** What a client sent. `path` is with the query; header names are in lower case. */
export type RecordedRequest = {
  method: string
  path: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
}

type Answer = RecordedAnswer | ((request: RecordedRequest) => RecordedAnswer | Promise<RecordedAnswer>)

export type RecordedServer = AsyncDisposable & {
  readonly url: string
  /** In the order they came. */
  readonly requests: readonly RecordedRequest[]
  /**
   * Sets the answers to a route (`GET /models`, without the query), given one after the other;
   * the last one stays. Unknown routes answer 404.
   */
  on(route: string, ...answers: readonly Answer[]): void
}

/** A small HTTP server that stands for an outside service: replays given answers, with faults where wanted. */
export async function recordedServer(routes: Record<string, Answer> = {}): Promise<RecordedServer> {
  const queues = new Map(Object.entries(routes).map(([route, answer]) => [route, [answer]]))
  const requests: RecordedRequest[] = []

  const respond = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(message)
    requests.push(request)
    const queue = queues.get(`${request.method} ${request.path.split('?')[0]}`)
    const next = queue && queue.length > 1 ? queue.shift() : queue?.[0]
    const answer = typeof next === 'function' ? await next(request) : next
    await send(response, answer ?? { status: 404, body: { error: `No answer recorded for ${request.path}` } })
  }
  const server = createServer((message, response) => {
    // A client that hangs up, or a test's answer that throws, ends this one connection.
    respond(message, response).catch((cause: unknown) =>
      response.destroy(cause instanceof Error ? cause : undefined),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    on(route, ...answers) {
      queues.set(route, [...answers])
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function read(message: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  const { method = '', url: path = '', headers } = message
  return { method, path, headers, body: Buffer.concat(chunks) }
}

async function send(response: ServerResponse, answer: RecordedAnswer): Promise<void> {
  const { status = 200, headers = {}, delayMs = 0, cutAfterBytes, hang = false } = answer
  if (delayMs > 0) await delay(delayMs)
  if (cutAfterBytes === 0) {
    response.socket?.resetAndDestroy()
    return
  }
  const [body, type] = encode(answer.body)
  response.writeHead(status, { 'content-type': type, 'content-length': String(body.length), ...headers })
  if (hang) {
    response.write(body.subarray(0, body.length / 2))
  } else if (cutAfterBytes === undefined) {
    response.end(body)
  } else {
    response.write(body.subarray(0, cutAfterBytes), () => response.socket?.resetAndDestroy())
  }
}

function encode(body: unknown): [Buffer, string] {
  if (body === undefined) return [Buffer.alloc(0), 'text/plain']
  if (body instanceof Uint8Array) return [Buffer.from(body), 'application/octet-stream']
  if (typeof body === 'string') return [Buffer.from(body), 'text/plain; charset=utf-8']
  return [Buffer.from(JSON.stringify(body)), 'application/json']
}
