import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { AppError, stringifyJson } from '@easel/protocol'
import { Agent, request, type Dispatcher } from 'undici'
import { parsePythonJson } from '../python-json.ts'
import type { CallOptions, ComfyLimits } from './client-options.ts'

export type HttpCall = CallOptions & {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  query?: Record<string, string | number | boolean | undefined>
  /** Sent as JSON; big integers stay exact. */
  json?: unknown
  body?: Uint8Array | string | AsyncIterable<Uint8Array>
  headers?: Record<string, string>
  /** No deadline for the whole, only for silences: a file on its way. */
  transfer?: boolean
}

export type HttpAnswer = { status: number; headers: Record<string, string>; body: Uint8Array }
export type HttpStream = { status: number; headers: Record<string, string>; body: Readable }

/** The one place that speaks HTTP to the server: deadlines, size limits, and what failures are called. */
export class HttpCalls implements AsyncDisposable {
  readonly baseUrl: string
  readonly #agent: Agent
  readonly #headers: Record<string, string>
  readonly #limits: ComfyLimits
  readonly #disposed = new AbortController()

  constructor(baseUrl: string, headers: Record<string, string>, limits: ComfyLimits) {
    const url = new URL(baseUrl)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new AppError('invalid', 'The address of a ComfyUI begins with http:// or https://', {
        reason: 'URL_INVALID',
      })
    }
    this.#headers = { ...headers }
    if (url.username || url.password) {
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      this.#headers.authorization ??= `Basic ${Buffer.from(pair).toString('base64')}`
      url.username = url.password = '' // so that no log shows them
    }
    url.search = url.hash = ''
    this.baseUrl = url.href.replace(/\/+$/, '')
    this.#limits = limits
    this.#agent = new Agent({
      connect: { timeout: Math.min(limits.callMs, 5_000) },
      connections: 16,
      pipelining: 1,
    })
  }

  /** Headers for the socket's handshake. */
  get headers(): Record<string, string> {
    return this.#headers
  }

  async json(path: string, call: HttpCall = {}): Promise<unknown> {
    const answer = await this.bytes(path, call)
    if (answer.status >= 400) throw refused(path, answer)
    return asJson(path, answer)
  }

  async bytes(path: string, call: HttpCall = {}): Promise<HttpAnswer> {
    const timer = new AbortController()
    const timeoutMs = call.timeoutMs ?? (call.transfer ? undefined : this.#limits.callMs)
    const timeout = timeoutMs && setTimeout(() => timer.abort(tooLate(path, timeoutMs)), timeoutMs)
    try {
      const { status, headers, body } = await this.#send(path, call, timer.signal)
      return { status, headers, body: await this.#read(body, path, timer.signal) }
    } finally {
      clearTimeout(timeout)
    }
  }

  /** The body is the caller's to read or destroy. */
  async stream(path: string, call: HttpCall = {}): Promise<HttpStream> {
    const answer = await this.#send(path, { ...call, transfer: true }, undefined)
    if (answer.status < 400) return answer
    throw refused(path, { ...answer, body: await this.#read(answer.body, path, undefined) })
  }

  async #send(path: string, call: HttpCall, timer: AbortSignal | undefined): Promise<HttpStream> {
    const signals = [call.signal, timer, this.#disposed.signal].filter((signal) => signal !== undefined)
    const signal = AbortSignal.any(signals)
    const url = new URL(this.baseUrl + path)
    for (const [key, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value))
    }
    const headers: Record<string, string> = { ...this.#headers, ...call.headers }
    if (call.json !== undefined) headers['content-type'] = 'application/json'
    const body = call.json === undefined ? call.body : stringifyJson(call.json)
    try {
      const answer = await request(url, {
        dispatcher: this.#agent,
        method: call.method ?? 'GET',
        headers,
        body: body as Dispatcher.DispatchOptions['body'],
        signal,
        headersTimeout: call.transfer ? this.#limits.idleMs : 0,
        bodyTimeout: call.transfer ? this.#limits.idleMs : 0,
      })
      return { status: answer.statusCode, headers: flat(answer.headers), body: answer.body }
    } catch (cause) {
      throw this.failure(cause, path, call.signal)
    }
  }

  async #read(body: Readable, path: string, timer: AbortSignal | undefined): Promise<Uint8Array> {
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > this.#limits.answerBytes) {
          const limit = this.#limits.answerBytes
          throw new AppError('internal', `The answer to ${path} is larger than ${limit} bytes`, {
            reason: 'ANSWER_TOO_LARGE',
          })
        }
        chunks.push(chunk)
      }
    } catch (cause) {
      throw timer?.aborted ? timer.reason : this.failure(cause, path, undefined)
    }
    return Buffer.concat(chunks, size)
  }

  /** Total: what undici, Node and our own signals throw, as an `AppError`; an abort of the caller stays as it is. */
  failure(cause: unknown, path: string, signal: AbortSignal | undefined): unknown {
    if (cause instanceof AppError) return cause
    if (signal?.aborted) return signal.reason
    if (this.#disposed.signal.aborted) return this.#disposed.signal.reason
    const { code = '' } = (cause ?? {}) as { code?: string }
    if (code.startsWith('UND_ERR') && code.endsWith('TIMEOUT') && code !== 'UND_ERR_CONNECT_TIMEOUT') {
      return tooLate(path, this.#limits.idleMs)
    }
    if ((cause as Error | null)?.name === 'AbortError') return cause
    return new AppError('unavailable', `ComfyUI does not answer at ${this.baseUrl}`, {
      reason: 'COMFYUI_UNREACHABLE',
      // A refused connection certainly carried nothing; anything else may have been read.
      details: { path, code, sent: !notSent.has(code) },
      cause,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort(
      new AppError('unavailable', 'The ComfyUI client is closed', { reason: 'CLIENT_CLOSED' }),
    )
    await this.#agent.destroy()
  }
}

const notSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

export function asJson(path: string, answer: HttpAnswer): unknown {
  if (answer.body.length === 0) return undefined
  try {
    return parsePythonJson(Buffer.from(answer.body).toString('utf8'))
  } catch (cause) {
    throw new AppError('internal', `The answer to ${path} is no JSON; is this a ComfyUI?`, {
      reason: 'COMFYUI_PROTOCOL',
      cause,
    })
  }
}

export function refused(path: string, answer: HttpAnswer): AppError {
  const text = Buffer.from(answer.body.subarray(0, 500)).toString('utf8').trim()
  const details = { path, status: answer.status, text }
  if (answer.status === 404)
    return new AppError('not_found', 'ComfyUI has no such thing', { reason: 'NOT_FOUND', details })
  if (answer.status === 413) {
    return new AppError('invalid', 'The file is larger than this ComfyUI takes', {
      reason: 'UPLOAD_TOO_LARGE',
      details,
    })
  }
  if (answer.status === 401 || answer.status === 403) {
    return new AppError('forbidden', 'ComfyUI, or what stands before it, refused the request', {
      reason: 'COMFYUI_FORBIDDEN',
      details,
    })
  }
  if (answer.status === 502 || answer.status === 503 || answer.status === 504) {
    return new AppError('unavailable', 'ComfyUI does not answer', { reason: 'COMFYUI_UNREACHABLE', details })
  }
  if (answer.status < 500)
    return new AppError('invalid', 'ComfyUI refused the request', { reason: 'REFUSED', details })
  return new AppError('internal', 'ComfyUI failed to answer', { reason: 'COMFYUI_PROTOCOL', details })
}

function tooLate(path: string, timeoutMs: number): AppError {
  return new AppError('deadline', `ComfyUI did not answer ${path} within ${timeoutMs} ms`, {
    reason: 'COMFYUI_TIMEOUT',
    details: { path },
  })
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const pairs = Object.entries(headers).map(([key, value]) => [key.toLowerCase(), [value].flat().join(', ')])
  return Object.fromEntries(pairs) as Record<string, string>
}

export async function closed(body: Readable): Promise<void> {
  if (body.closed) return
  const done = once(body, 'close')
  body.on('error', () => {}) // destroying is no failure
  body.destroy()
  await done
}
