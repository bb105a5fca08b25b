import { createHash } from 'node:crypto'

export type Call = {
  readonly method: string
  /** Below the server that was asked. */
  readonly url: URL
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export type Answer = { status: number; headers: Record<string, string>; body: Buffer }

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  const body = Buffer.from(JSON.stringify(value))
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body }
}

export function text(status: number, value: string, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: Buffer.from(value),
  }
}

export function page(status: number, title: string): Answer {
  const body = Buffer.from(
    `<!doctype html><html><head><title>${title}</title></head><body>${title}</body></html>`,
  )
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

export function redirect(status: number, location: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { location, ...headers }, body: Buffer.alloc(0) }
}

/** Answers of an API have an ETag, and are not sent again to who has them. */
export function conditional(call: Call, answer: Answer): Answer {
  if (call.method !== 'GET' || answer.status !== 200 || answer.headers['etag'] !== undefined) return answer
  const etag = `W/"${createHash('sha1').update(answer.body).digest('base64url')}"`
  const headers = { ...answer.headers, etag }
  return call.headers['if-none-match'] === etag
    ? { status: 304, headers, body: Buffer.alloc(0) }
    : { ...answer, headers }
}

/** The token of `Authorization: Bearer …`. */
export function bearer({ headers }: Call): string | undefined {
  return /^Bearer (.+)$/i.exec(headers['authorization'] ?? '')?.[1]
}

/** A file with ETag, ranges and If-Range, as a storage server gives it. */
export function fileAnswer(
  call: Call,
  bytes: Buffer,
  { etag, filename }: { etag: string; filename?: string },
): Answer {
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    etag: `"${etag}"`,
    'last-modified': 'Mon, 06 Jan 2025 00:00:00 GMT',
    ...(filename && { 'content-disposition': `attachment; filename="${filename}"` }),
  }
  const range = wantedRange(call, etag)
  if (!range) return { status: 200, headers, body: bytes }
  const from = range[1] === '' ? Math.max(0, bytes.length - Number(range[2])) : Number(range[1])
  const to =
    range[1] === '' || range[2] === '' ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1)
  if (from > to) {
    return { status: 416, headers: { 'content-range': `bytes */${bytes.length}` }, body: Buffer.alloc(0) }
  }
  const partial = { ...headers, 'content-range': `bytes ${from}-${to}/${bytes.length}` }
  return { status: 206, headers: partial, body: bytes.subarray(from, to + 1) }
}

function wantedRange({ headers }: Call, etag: string): RegExpExecArray | null {
  const range = /^bytes=(\d*)-(\d*)$/.exec(headers['range'] ?? '')
  if (!range || (range[1] === '' && range[2] === '')) return null
  const condition = headers['if-range']
  return condition === undefined || condition === `"${etag}"` ? range : null
}
