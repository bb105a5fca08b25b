import type { IncomingHttpHeaders } from 'node:http'
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'

export type GuardedHttpOptions = {
  /**
   * What is allowed beside the public internet: `true` is this machine and private networks (never link-local,
   * metadata services, multicast), a list is those CIDR blocks and nothing else. Default: false.
   */
  allowPrivate?: boolean | readonly string[]
  timeouts?: Partial<HttpTimeouts>
  /** Default 5. */
  maxRedirects?: number
  /** The most bytes a body may have; default unlimited (`requestJson`: 16 MiB). */
  maxBytes?: number
  userAgent?: string
  /** Resolves host names; for tests. */
  lookup?: LookupFunction
}

/** In milliseconds; 0 is no limit. */
export type HttpTimeouts = {
  /** To resolve, connect and agree on TLS. Default 10 s. */
  connectMs: number
  /** From the request sent to the head of the answer. Default 30 s. */
  headersMs: number
  /** Between two pieces of the body. Default 30 s. */
  idleMs: number
  /** From the call to the last byte, redirects included. Default none. */
  totalMs: number
}

export type HttpRequest = {
  method?: string
  url: string | URL
  headers?: Readonly<Record<string, string>>
  /** A stream is sent once: a redirect that asks for it again fails. */
  body?: string | Uint8Array | Readable
  signal?: AbortSignal
  maxBytes?: number
  /** 0 gives the redirect itself as the answer. */
  maxRedirects?: number
  totalMs?: number
  /** Further headers (beside Authorization, Cookie, Proxy-Authorization, X-API-Key) that stay with the first origin. */
  privateHeaders?: readonly string[]
}

export type HttpResponse = {
  status: number
  headers: IncomingHttpHeaders
  /** Must be read to its end or destroyed. */
  body: Readable
  /** Where the answer came from, after redirects. */
  url: string
  redirects: readonly string[]
}

export type JsonResponse = Omit<HttpResponse, 'body'> & { json: unknown }

/**
 * HTTP for URLs that others chose. Throws `AppError` with reason `URL_FORBIDDEN`, `URL_UNREACHABLE` or
 * `RESPONSE_TOO_LARGE`, on calls and on bodies; an abort by the caller throws the reason of its signal.
 */
export type GuardedHttp = AsyncDisposable & {
  /** Any status is an answer. */
  request(request: HttpRequest): Promise<HttpResponse>
  /** Sends `json` if given. A good status without JSON throws; another's `json` is then undefined. */
  requestJson(request: Omit<HttpRequest, 'body'> & { json?: unknown }): Promise<JsonResponse>
  getJson(url: string | URL, options?: Omit<HttpRequest, 'url' | 'method' | 'body'>): Promise<JsonResponse>
  /** Resolves a name to addresses that may be connected to, for sockets of one's own; one bad address refuses all. */
  addressesOf(url: URL): Promise<readonly string[]>
}
