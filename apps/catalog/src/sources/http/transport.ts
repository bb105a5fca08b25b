import { createGuardedHttp } from '@easel/http'
import type { GuardedHttp, HttpResponse } from '@easel/http'
import { AppError } from '@easel/protocol'
import type { SourceSettings } from './source-settings.ts'

const maxBytes = 32 * 1024 * 1024
const maxRedirects = 4
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

export type TransportRequest = {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly token: string | null
}

export type TransportAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/**
 * HTTP to one source. The base address is the admin's and may be in a private network; where it redirects to may not,
 * and must be https. The token goes to the base's own origin only.
 */
export class Transport implements AsyncDisposable {
  readonly #own: GuardedHttp
  readonly #elsewhere: GuardedHttp
  readonly #base: URL
  readonly #totalMs: number

  constructor({ baseUrl, userAgent, timeouts }: SourceSettings) {
    this.#base = new URL(baseUrl)
    this.#totalMs = timeouts.totalMs
    const options = {
      userAgent,
      maxBytes,
      timeouts: { connectMs: timeouts.connectMs, headersMs: timeouts.totalMs, idleMs: timeouts.totalMs },
    }
    this.#own = createGuardedHttp({ ...options, allowPrivate: true })
    this.#elsewhere = createGuardedHttp({ ...options, allowPrivate: loopback.test(this.#base.hostname) })
  }

  async send(request: TransportRequest): Promise<TransportAnswer> {
    try {
      return await this.#follow(request, AbortSignal.timeout(this.#totalMs))
    } catch (cause) {
      throw reported(cause)
    }
  }

  async #follow(request: TransportRequest, signal: AbortSignal): Promise<TransportAnswer> {
    let { url } = request
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const answer = await this.#sendOnce(request, url, signal)
      const location = redirectStatuses.has(answer.status) ? answer.headers.location : undefined
      if (typeof location !== 'string') return { ...(await readAll(answer)), status: answer.status }
      answer.body.destroy()
      url = this.#next(location, url)
    }
    throw unusable('This source redirects in circles')
  }

  #sendOnce(request: TransportRequest, url: URL, signal: AbortSignal): Promise<HttpResponse> {
    const isOwn = url.origin === this.#base.origin
    const headers: Record<string, string> = { accept: 'application/json', ...request.headers }
    if (isOwn && request.token) headers['authorization'] = `Bearer ${request.token}`
    return (isOwn ? this.#own : this.#elsewhere).request({
      method: request.method,
      url,
      headers,
      ...(request.body !== undefined && { body: request.body }),
      maxRedirects: 0,
      signal,
    })
  }

  #next(location: string, from: URL): URL {
    const url = URL.parse(location, from.href)
    const mayGo =
      url &&
      (url.origin === this.#base.origin || url.protocol === 'https:' || loopback.test(this.#base.hostname))
    if (!mayGo) throw unusable('This source redirects to where it must not lead')
    return url
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#own[Symbol.asyncDispose](), this.#elsewhere[Symbol.asyncDispose]()])
  }
}

async function readAll({ body, headers }: HttpResponse): Promise<Omit<TransportAnswer, 'status'>> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk as Buffer)
  const plain = Object.entries(headers).map(([name, value]) => [name, String(value)])
  return { headers: Object.fromEntries(plain), text: Buffer.concat(chunks).toString('utf8') }
}

/** Whatever keeps an answer away is the source's fault, our time limit too. */
function reported(cause: unknown): unknown {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError'
  if (isLate) return unusable('This source did not answer in time', { code: 'deadline', cause })
  if (!(cause instanceof AppError)) return cause
  if (cause.reason === 'RESPONSE_TOO_LARGE') return unusable('This source answers with too much', { cause })
  if (cause.code === 'deadline')
    return unusable('This source did not answer in time', { code: 'deadline', cause })
  return cause.reason === 'URL_UNREACHABLE' || cause.reason === 'URL_FORBIDDEN'
    ? unusable('This source cannot be reached', { cause })
    : cause
}

function unusable(
  message: string,
  extra: { code?: 'unavailable' | 'deadline'; cause?: unknown } = {},
): AppError {
  const { code = 'unavailable', cause } = extra
  return new AppError(code, message, { reason: 'SOURCE_UNAVAILABLE', cause })
}
