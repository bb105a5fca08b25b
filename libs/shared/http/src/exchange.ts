import { Readable } from 'node:stream'
import { request as send } from 'undici'
import type { Agent, Dispatcher } from 'undici'
import type { HttpRequest, HttpResponse, HttpTimeouts } from './http-client.ts'
import { deadlineExceeded, fromTransport, responseTooLarge, urlUnreachable } from './http-errors.ts'
import { limitedBody } from './limited-body.ts'
import { parseOutgoingUrl } from './outgoing-url.ts'

export type Transport = {
  readonly agent: Agent
  readonly timeouts: HttpTimeouts
  readonly maxRedirects: number
  readonly maxBytes: number
  readonly userAgent: string
}

/** One request of the chain that redirects make. */
type Hop = { url: URL; method: string; headers: Record<string, string>; body: HttpRequest['body'] }

const originBound = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key']
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Sends a request and follows its redirects; each hop is checked as if it were the first. */
export async function exchange(transport: Transport, request: HttpRequest): Promise<HttpResponse> {
  const limits = limitsOf(transport, request)
  const maxRedirects = request.maxRedirects ?? transport.maxRedirects
  const redirects: string[] = []
  let hop = firstHop(transport, request)
  for (;;) {
    const answer = await sendHop(transport, hop, limits)
    const location = redirectStatuses.has(answer.statusCode) ? answer.headers.location : undefined
    if (maxRedirects === 0 || typeof location !== 'string') {
      return { ...responseOf(answer, hop, limits), url: hop.url.href, redirects }
    }
    discard(answer.body)
    if (redirects.length === maxRedirects) throw urlUnreachable(`More than ${maxRedirects} redirects`)
    hop = nextHop(hop, { status: answer.statusCode, location, privateHeaders: request.privateHeaders ?? [] })
    redirects.push(hop.url.href)
  }
}

type Limits = { signal: AbortSignal | undefined; maxBytes: number; translate: (cause: unknown) => Error }

function limitsOf({ timeouts, maxBytes }: Transport, request: HttpRequest): Limits {
  const caller = request.signal
  const totalMs = request.totalMs ?? timeouts.totalMs
  const deadline = totalMs > 0 ? AbortSignal.timeout(totalMs) : undefined
  return {
    signal: caller && deadline ? AbortSignal.any([caller, deadline]) : (caller ?? deadline),
    maxBytes: request.maxBytes ?? maxBytes,
    translate: (cause) => {
      if (caller?.aborted)
        return caller.reason instanceof Error ? caller.reason : new Error('Aborted', { cause })
      if (deadline?.aborted) return deadlineExceeded(`Not done within ${totalMs} ms`, cause)
      return fromTransport(cause)
    },
  }
}

function firstHop({ userAgent }: Transport, request: HttpRequest): Hop {
  // Bodies are passed on as they come, so a coded one would reach the caller unread: ask for none.
  const headers: Record<string, string> = { 'user-agent': userAgent, 'accept-encoding': 'identity' }
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value
  // The host is the one that was checked.
  delete headers.host
  const method = (request.method ?? 'GET').toUpperCase()
  return { url: parseOutgoingUrl(request.url), method, headers, body: request.body }
}

async function sendHop(
  { agent, timeouts }: Transport,
  hop: Hop,
  limits: Limits,
): Promise<Dispatcher.ResponseData> {
  try {
    return await send(hop.url, {
      dispatcher: agent,
      method: hop.method as Dispatcher.HttpMethod,
      headers: hop.headers,
      body: hop.body ?? null,
      signal: limits.signal ?? null,
      headersTimeout: timeouts.headersMs,
      bodyTimeout: timeouts.idleMs,
    })
  } catch (cause) {
    throw limits.translate(cause)
  }
}

function responseOf(answer: Dispatcher.ResponseData, { method }: Hop, { maxBytes, translate }: Limits) {
  const announced = method === 'HEAD' ? 0 : Number(answer.headers['content-length'] ?? 0)
  if (announced > maxBytes) {
    discard(answer.body)
    throw responseTooLarge(maxBytes)
  }
  const body = limitedBody(answer.body, maxBytes, translate)
  return { status: answer.statusCode, headers: answer.headers, body }
}

/** Ends a body nobody wants; a short one is read so that its connection can be used again. */
function discard(body: Dispatcher.ResponseData['body']): void {
  // Its failure changes nothing for a caller that has its answer.
  body.dump({ limit: 65_536 }).catch(() => undefined)
}

type Redirect = { status: number; location: string; privateHeaders: readonly string[] }

function nextHop(hop: Hop, { status, location, privateHeaders }: Redirect): Hop {
  const url = parseOutgoingUrl(location, hop.url)
  const headers = { ...hop.headers }
  if (url.origin !== hop.url.origin) {
    for (const name of [...originBound, ...privateHeaders]) delete headers[name.toLowerCase()]
  }
  const becomesGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST'
  if (becomesGet) {
    for (const name of Object.keys(headers)) if (name.startsWith('content-')) delete headers[name]
    return { url, headers, method: 'GET', body: undefined }
  }
  if (hop.body instanceof Readable)
    throw urlUnreachable('A redirect asks for a body that can be sent only once')
  return { ...hop, url, headers }
}
