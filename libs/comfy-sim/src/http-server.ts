import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { serverFeatures } from './sockets.ts'

export type Request = {
  method: string
  /** Without the `/api` prefix. */
  path: string
  /** True when the path came with the `/api` prefix. */
  prefixed: boolean
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: Buffer
}

export type Reply = {
  status?: number
  headers?: Readonly<Record<string, string>>
  json?: unknown
  text?: string
  bytes?: Buffer
}
export type Handler = (request: Request, parts: readonly string[]) => Reply | Promise<Reply>
export type Route = { method: 'GET' | 'POST' | 'DELETE'; path: string; handle: Handler; apiOnly?: boolean }

/** A body that is larger than the server takes. */
class TooLarge extends Error {
  override name = 'TooLarge'
}

const serverName = 'comfy-sim (simulator)'
const trouble: Reply = {
  status: 500,
  headers: { Connection: 'close' },
  text: '500 Internal Server Error\n\nServer got itself in trouble',
}
const maxBody = serverFeatures.max_upload_size

type Entry = { pattern: RegExp; methods: Map<string, Route> }

/** The HTTP side: routes with and without `/api`, the origin guard, and aiohttp's way to say no. */
export class HttpServer {
  readonly server: Server
  private readonly exact = new Map<string, Map<string, Route>>()
  private readonly patterns: Entry[] = []

  constructor(routes: readonly Route[], log: (line: string) => void) {
    for (const route of routes) this.add(route)
    this.server = createServer({ keepAlive: true, keepAliveTimeout: 75_000 }, (request, response) => {
      this.answer(request).then(
        (reply) => send(reply, request, response),
        (error: unknown) => {
          if (error instanceof TooLarge)
            send({ status: 413, text: `Maximum request body size ${maxBody} exceeded.` }, request, response)
          else if (!response.headersSent) {
            log(`simulator: ${request.method} ${request.url} failed: ${String(error)}`)
            send(trouble, request, response)
          }
        },
      )
    })
  }

  /** Whether a request may come in at all; also asked for sockets. */
  static isForeign({ headers }: IncomingMessage): boolean {
    if (headers['sec-fetch-site'] === 'cross-site') return true
    const { origin, host } = headers
    if (!origin || !host || !URL.canParse(`http://${host}`)) return false
    const own = new URL(`http://${host.toLowerCase()}`)
    if (!isLoopback(own.hostname)) return false
    if (!URL.canParse(origin)) return false
    const theirs = new URL(origin.toLowerCase())
    return theirs.port === '' ? theirs.hostname !== own.hostname : theirs.host !== own.host
  }

  private add(route: Route): void {
    const place = route.path.includes('{') ? this.pattern(route.path) : this.exactMethods(route.path)
    place.set(route.method, route)
  }

  private exactMethods(path: string): Map<string, Route> {
    let methods = this.exact.get(path)
    if (!methods) this.exact.set(path, (methods = new Map()))
    return methods
  }

  private pattern(path: string): Map<string, Route> {
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`)
    const known = this.patterns.find((entry) => entry.pattern.source === pattern.source)
    if (known) return known.methods
    const methods = new Map<string, Route>()
    this.patterns.push({ pattern, methods })
    return methods
  }

  private async answer(request: IncomingMessage): Promise<Reply> {
    if (HttpServer.isForeign(request)) return { status: 403 }
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    const full = mark < 0 ? url : url.slice(0, mark)
    const prefixed = full.startsWith('/api/')
    const path = prefixed ? full.slice(4) : full
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
    const { methods, parts } = this.find(path)
    const route = methods?.get(method)
    if (!route || (route.apiOnly && !prefixed)) return refuse(method, methods)
    const body = method === 'POST' ? await readBody(request) : Buffer.alloc(0)
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
    return route.handle({ method, path, prefixed, query, headers: request.headers, body }, parts)
  }

  private find(path: string): { methods?: Map<string, Route>; parts: string[] } {
    const methods = this.exact.get(path)
    if (methods) return { methods, parts: [] }
    for (const entry of this.patterns) {
      const match = entry.pattern.exec(path)
      if (match) return { methods: entry.methods, parts: match.slice(1).map(decode) }
    }
    return { parts: [] }
  }

  /** Answers an upgrade with a plain status and ends the connection. */
  static refuseUpgrade(stream: Duplex, status: string): void {
    stream.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function refuse(method: string, methods: Map<string, Route> | undefined): Reply {
  if (method === 'OPTIONS') return { status: 200 }
  if (method === 'GET') return { status: 404, headers: { 'Content-Type': 'application/octet-stream' } }
  // An unknown path is a page that is not there: it can be read, and nothing else.
  const allowed = [...(methods?.keys() ?? ['GET'])].flatMap((name) =>
    name === 'GET' ? ['GET', 'HEAD'] : [name],
  )
  return { status: 405, headers: { Allow: allowed.join(',') }, text: '405: Method Not Allowed' }
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      // The rest is read and thrown away, so that the client gets to see the answer.
      if (size <= maxBody) chunks.push(chunk)
    })
    request.on('end', () => {
      if (size > maxBody) fail(new TooLarge())
      else done(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    })
    request.on('error', fail)
  })
}

function send(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  const { status = 200, headers = {}, json, text, bytes } = reply
  const body =
    json !== undefined
      ? Buffer.from(JSON.stringify(json))
      : text !== undefined
        ? Buffer.from(text)
        : (bytes ?? Buffer.alloc(0))
  const type =
    json !== undefined
      ? 'application/json; charset=utf-8'
      : text !== undefined
        ? 'text/plain; charset=utf-8'
        : undefined
  response.writeHead(status, {
    ...(type && { 'Content-Type': type }),
    ...headers,
    'Content-Length': body.length,
    Server: serverName,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
