import type { GuardedHttp, HttpResponse } from '@easel/http'
import { AppError } from '@easel/protocol'
import type { Readable } from 'node:stream'
import { parseContentRange } from './content-range.ts'
import { dispositionFileName } from './content-disposition.ts'
import { retryAfterMs } from './retry-after.ts'

/** What tells whether a file is the one it was. */
export type Validators = { etag: string | null; lastModified: string | null }

export type OpenRequest = {
  url: string
  token: string | undefined
  /** Bytes that are there already; 0 asks for the whole file. */
  offset: number
  /** Of the file that the first bytes are of. */
  validators: Validators
  signal: AbortSignal
}

export type Opened = {
  /** Where the body starts in the file: the offset asked for, or 0 when the server gives the whole. */
  start: number
  total: number | undefined
  validators: Validators
  /** What the server or the URL call the file, best first. */
  names: readonly string[]
  body: Readable
}

/** A file behind a plain URL. Failures that a repeat may heal are retryable; the others are final. */
export class UrlSource {
  private readonly http: GuardedHttp

  constructor(http: GuardedHttp) {
    this.http = http
  }

  /** `complete` says that there is nothing behind the offset. */
  async open(request: OpenRequest): Promise<Opened | 'complete' | 'changed'> {
    const { url, token, signal } = request
    const headers = { ...rangeHeaders(request), ...(token && { authorization: `Bearer ${token}` }) }
    const response = await this.http.request({ url, headers, signal, maxRedirects: 10 })
    const opened = read(request, response)
    if (opened instanceof AppError || typeof opened === 'string') response.body.destroy()
    if (opened instanceof AppError) throw opened
    return opened
  }
}

function rangeHeaders({ offset, validators: { etag, lastModified } }: OpenRequest): Record<string, string> {
  if (offset === 0) return {}
  // A weak tag may not stand in If-Range; what comes is compared with it then.
  const condition = etag !== null && !etag.startsWith('W/') ? etag : lastModified
  return { range: `bytes=${offset}-`, ...(condition !== null && { 'if-range': condition }) }
}

function read(request: OpenRequest, response: HttpResponse): Opened | 'complete' | 'changed' | AppError {
  const { status, headers } = response
  const range = parseContentRange(headers['content-range'])
  if (status === 416 && request.offset > 0) return range?.total === request.offset ? 'complete' : 'changed'
  if (status !== 200 && status !== 206) return refusal(response)

  const coding = headers['content-encoding']
  if (coding !== undefined && coding !== 'identity') {
    return failure('SOURCE_REFUSED', 'The server sends the file compressed, although it was asked not to')
  }
  if (isPage(headers['content-type'])) {
    return failure('NOT_A_MODEL_FILE', 'The URL gives a page or a message instead of a model file')
  }
  const validators = { etag: headers.etag ?? null, lastModified: headers['last-modified'] ?? null }
  const common = { validators, names: namesOf(request.url, response), body: response.body }
  if (status === 200) {
    const length = headers['content-length']
    return { ...common, start: 0, total: length === undefined ? undefined : Number(length) }
  }
  if (!range || range.start !== request.offset) {
    return request.offset === 0
      ? failure('SOURCE_REFUSED', 'The server gives a part of the file only')
      : 'changed'
  }
  return isSame(request.validators, validators)
    ? { ...common, start: range.start, total: range.total }
    : 'changed'
}

function isSame(before: Validators, now: Validators): boolean {
  const differs = (a: string | null, b: string | null) => a !== null && b !== null && a !== b
  return !differs(before.etag, now.etag) && !differs(before.lastModified, now.lastModified)
}

function isPage(type: string | undefined): boolean {
  return /^\s*(text\/html|application\/(xhtml\+xml|json|problem\+json))/i.test(type ?? '')
}

function namesOf(asked: string, { headers, url }: HttpResponse): string[] {
  const header = headers['content-disposition']
  return [dispositionFileName(header), lastSegment(url), lastSegment(asked)].filter(
    (name) => name !== undefined,
  )
}

function lastSegment(url: string): string | undefined {
  const segment = new URL(url).pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function refusal({ status, headers }: HttpResponse): AppError {
  const wait = retryAfterMs(headers['retry-after'])
  const later = { reason: 'SOURCE_BUSY', ...(wait !== undefined && { retryAfterMs: wait }) }
  if (status === 429) return new AppError('exhausted', 'The server asks for a pause', later)
  if (status === 408 || status === 425 || status >= 500) {
    return new AppError('unavailable', `The server has trouble of its own (${status})`, later)
  }
  if (status === 401) {
    return failure('SOURCE_UNAUTHORIZED', 'The server asks for a token, or does not know the one it got')
  }
  if (status === 403) return failure('SOURCE_FORBIDDEN', 'The server does not give this file to you')
  if (status === 404 || status === 410) return failure('SOURCE_NOT_FOUND', 'There is no file at this URL')
  return failure('SOURCE_REFUSED', `The server refuses the file (${status})`)
}

const failure = (reason: string, message: string) => new AppError('conflict', message, { reason })
