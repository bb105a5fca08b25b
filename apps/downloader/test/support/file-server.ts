import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type FileFaults = {
  etag?: string | null
  lastModified?: string
  /** Answers ranges with the whole file. */
  ignoresRanges?: boolean
  /** Gives the range whatever If-Range says. */
  ignoresConditions?: boolean
  /** Breaks the connection when so many bytes of the file were sent; by request for bytes, the last entry stays. */
  cutAt?: readonly (number | undefined)[]
  /** Such a break is a reset, which takes back what is on its way. */
  resets?: boolean
  /** Stops sending there, and keeps the connection open; by request for bytes, the last entry stays. */
  stallAt?: readonly (number | undefined)[]
  /** From there on a byte a second; by request for bytes, the last entry stays. */
  dripAt?: readonly (number | undefined)[]
  /** Of each connection. */
  bytesPerSecond?: number
  /** Of all connections together, by how many there are. */
  totalBytesPerSecond?: (connections: number) => number
  /** What the first requests get instead, those for the first bytes too. */
  answers?: readonly ({ status: number; headers?: Record<string, string>; body?: string } | undefined)[]
  /** More at once are answered with 429. */
  mostConnections?: number
  headers?: Record<string, string>
  /** No Content-Length. */
  chunked?: boolean
  /** Neither a Content-Length nor chunks: the body ends with the connection. */
  untilClose?: boolean
  /** Of answers to ranges, but not to the first. */
  contentRange?: (start: number, end: number, total: number) => string
}

export type ServedRequest = {
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** Asked only for the first bytes, to know what the file is. */
  probe: boolean
  sent: number
  closed: boolean
}

export type FileServer = AsyncDisposable & {
  url: string
  requests: ServedRequest[]
  /** Requests for bytes. */
  fetches(path: string): ServedRequest[]
  /** Serves the bytes there from now on; gives the URL. */
  put(path: string, bytes: Buffer, faults?: FileFaults): string
  redirect(path: string, to: string | (() => string)): string
  /** Answers with this status from now on. */
  refuse(path: string, status: number): void
  /** Bytes of bodies that were sent for a path, but for those that tell what the file is. */
  sent(path: string): number
}

type Served = {
  bytes: Buffer
  etag: string | null
  faults: FileFaults
  asked: number
  fetched: number
  open: number
}

/** A file server on 127.0.0.1 that does what servers do wrong. */
export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, Served>()
  const redirects = new Map<string, string | (() => string)>()
  const refusals = new Map<string, number>()
  const requests: ServedRequest[] = []

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url!, 'http://x').pathname
    const probe = request.headers.range === 'bytes=0-1023'
    const { method, headers } = request
    const served: ServedRequest = { method: method!, path, headers, probe, sent: 0, closed: false }
    response.on('close', () => (served.closed = true))
    requests.push(served)
    const redirect = redirects.get(path)
    const file = files.get(path)
    const refusal = refusals.get(path)
    if (refusal) return void response.writeHead(refusal).end('no')
    if (redirect) {
      const location = typeof redirect === 'string' ? redirect : redirect()
      return void response.writeHead(302, { location }).end()
    }
    if (!file) return void response.writeHead(404).end('gone')
    const instead = file.faults.answers?.[file.asked++]
    if (instead) return void response.writeHead(instead.status, instead.headers ?? {}).end(instead.body ?? '')
    if (!probe && file.open >= (file.faults.mostConnections ?? Infinity))
      return void response.writeHead(429, { 'retry-after': '1' }).end()
    if (!probe) {
      file.open += 1
      response.on('close', () => (file.open -= 1))
    }
    await send(file, { request, response, served, nth: probe ? -1 : file.fetched++ })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const fetches = (path: string) => requests.filter((each) => each.path === path && !each.probe)
  return {
    url,
    requests,
    fetches,
    put(path, bytes, faults = {}) {
      const { etag = `"${sha256(bytes)}"` } = faults
      files.set(path, { bytes, etag, faults, asked: 0, fetched: 0, open: 0 })
      return url + path
    },
    redirect(path, to) {
      redirects.set(path, to)
      return url + path
    },
    refuse: (path, status) => void refusals.set(path, status),
    sent: (path) => fetches(path).reduce((sum, { sent }) => sum + sent, 0),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

type Sending = { request: IncomingMessage; response: ServerResponse; served: ServedRequest; nth: number }

async function send(file: Served, { request, response, served, nth }: Sending): Promise<void> {
  const { bytes, faults, etag } = file
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const condition = request.headers['if-range']
  const matches =
    faults.ignoresConditions ||
    condition === undefined ||
    condition === etag ||
    condition === faults.lastModified
  const partial = range && matches && !faults.ignoresRanges
  const start = partial ? Number(range[1]) : 0
  const end = partial && range[2] ? Math.min(bytes.length, Number(range[2]) + 1) : bytes.length
  if (partial && start >= bytes.length)
    return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
  const headers: Record<string, string | number> = {
    'content-type': 'application/octet-stream',
    ...(etag && { etag }),
    ...(faults.lastModified && { 'last-modified': faults.lastModified }),
    ...faults.headers,
  }
  if (partial)
    headers['content-range'] =
      (nth < 0 ? undefined : faults.contentRange?.(start, end, bytes.length)) ??
      `bytes ${start}-${end - 1}/${bytes.length}`
  if (faults.untilClose) {
    response.useChunkedEncodingByDefault = false
    response.shouldKeepAlive = false
  } else if (!faults.chunked) headers['content-length'] ??= end - start
  response.writeHead(partial ? 206 : 200, headers)
  const at = (places: readonly (number | undefined)[] | undefined) =>
    nth < 0 ? undefined : places?.at(nth < places.length ? nth : -1)
  await sendBody(file, {
    response,
    served,
    start,
    end,
    cutAt: at(faults.cutAt),
    stallAt: at(faults.stallAt),
    dripAt: at(faults.dripAt),
  })
}

type Body = {
  response: ServerResponse
  served: ServedRequest
  start: number
  end: number
  cutAt: number | undefined
  stallAt: number | undefined
  dripAt: number | undefined
}

async function sendBody(file: Served, body: Body): Promise<void> {
  const { response, served, start, end, cutAt, stallAt, dripAt } = body
  const { bytes, faults } = file
  const closed = once(response, 'close')
  for (let at = start; at < end && !response.destroyed;) {
    const drips = dripAt !== undefined && at >= dripAt
    const rate = faults.totalBytesPerSecond
      ? faults.totalBytesPerSecond(file.open) / Math.max(1, file.open)
      : faults.bytesPerSecond
    const piece = drips ? 1 : rate ? Math.max(1, Math.ceil(rate / 20)) : 256 * 1024
    const places = [cutAt, stallAt, drips ? undefined : dripAt].filter(
      (place) => place !== undefined && place > at,
    )
    const next = Math.min(end, at + piece, ...(places as number[]))
    const { promise: flushed, resolve } = Promise.withResolvers<void>()
    response.write(bytes.subarray(at, next), () => resolve())
    await Promise.race([flushed, closed])
    served.sent += next - at
    at = next
    if (stallAt !== undefined && at >= stallAt) return
    if (cutAt !== undefined && at >= cutAt)
      return void (faults.resets ? response.socket?.resetAndDestroy() : response.socket?.destroy())
    if (drips) await delay(1_000)
    else if (rate) await delay(50)
  }
  response.end()
}

/** A whole safetensors file, with bytes that do not repeat. */
export function aModel(size = 200_000, seed = 'seed'): Buffer {
  const data = Buffer.alloc(size)
  for (let at = 0, block = 0; at < size; block++) {
    const hash = createHash('sha256').update(`${seed}:${block}`).digest()
    // Every block begins with bytes of its own; what follows may repeat.
    at += data.fill(hash, at, Math.min(size, at + 4_096)).length && 4_096
  }
  const header = Buffer.from(
    JSON.stringify({ weight: { dtype: 'U8', shape: [size], data_offsets: [0, size] } }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, data])
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
