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
  /** Breaks the connection when so many bytes of the file were sent; by request, the last entry stays. */
  cutAt?: readonly (number | undefined)[]
  /** Stops sending there, and keeps the connection open; by request, the last entry stays. */
  stallAt?: readonly (number | undefined)[]
  bytesPerSecond?: number
  /** What the first requests get instead. */
  answers?: readonly { status: number; headers?: Record<string, string>; body?: string }[]
  headers?: Record<string, string>
  /** No Content-Length. */
  chunked?: boolean
}

export type ServedRequest = {
  method: string
  path: string
  headers: IncomingHttpHeaders
  sent: number
  closed: boolean
}

export type FileServer = AsyncDisposable & {
  url: string
  requests: ServedRequest[]
  /** Serves the bytes there from now on; gives the URL. */
  put(path: string, bytes: Buffer, faults?: FileFaults): string
  redirect(path: string, to: string): string
  /** Bytes of bodies that were sent for a path. */
  sent(path: string): number
}

/** A file server on 127.0.0.1 that does what servers do wrong. */
export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, { bytes: Buffer; faults: FileFaults; asked: number }>()
  const redirects = new Map<string, string>()
  const requests: ServedRequest[] = []

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url!, 'http://x').pathname
    const served: ServedRequest = {
      method: request.method!,
      path,
      headers: request.headers,
      sent: 0,
      closed: false,
    }
    response.on('close', () => (served.closed = true))
    requests.push(served)
    const redirect = redirects.get(path)
    const file = files.get(path)
    if (redirect) return void response.writeHead(302, { location: redirect }).end()
    if (!file) return void response.writeHead(404).end('gone')
    const { bytes, faults } = file
    const nth = file.asked++
    const instead = faults.answers?.[nth]
    if (instead) return void response.writeHead(instead.status, instead.headers ?? {}).end(instead.body ?? '')

    const etag =
      faults.etag === undefined ? `"${createHash('sha256').update(bytes).digest('hex')}"` : faults.etag
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const condition = request.headers['if-range']
    const matches = condition === undefined || condition === etag || condition === faults.lastModified
    const start = range && matches && !faults.ignoresRanges ? Number(range[1]) : 0
    const headers: Record<string, string | number> = {
      'content-type': 'application/octet-stream',
      ...(etag && { etag }),
      ...(faults.lastModified && { 'last-modified': faults.lastModified }),
      ...faults.headers,
    }
    if (start > 0 && start >= bytes.length) {
      return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    }
    if (start > 0) headers['content-range'] = `bytes ${start}-${bytes.length - 1}/${bytes.length}`
    if (!faults.chunked) headers['content-length'] ??= bytes.length - start
    response.writeHead(start > 0 ? 206 : 200, headers)
    const cutAt = faults.cutAt?.at(nth < faults.cutAt.length ? nth : -1)
    const stallAt = faults.stallAt?.at(nth < faults.stallAt.length ? nth : -1)
    const pieces = faults.bytesPerSecond ? Math.ceil(faults.bytesPerSecond / 20) : 256 * 1024
    const closed = once(response, 'close')
    for (let at = start; at < bytes.length && !response.destroyed;) {
      const end = Math.max(at, Math.min(bytes.length, at + pieces, cutAt ?? Infinity, stallAt ?? Infinity))
      const { promise: flushed, resolve } = Promise.withResolvers<void>()
      response.write(bytes.subarray(at, end), () => resolve())
      await Promise.race([flushed, closed])
      served.sent += end - at
      at = end
      if (at === stallAt) return
      // Closed, not reset: a reset would take back what is on its way.
      if (at === cutAt) return void response.socket?.destroy()
      if (faults.bytesPerSecond) await delay(50)
    }
    response.end()
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    requests,
    put(path, bytes, faults = {}) {
      files.set(path, { bytes, faults, asked: 0 })
      return url + path
    },
    redirect(path, to) {
      redirects.set(path, to)
      return url + path
    },
    sent: (path) => requests.filter((each) => each.path === path).reduce((sum, { sent }) => sum + sent, 0),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
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
