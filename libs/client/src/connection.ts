import { parseJson, stringifyJson } from '@easel/protocol'
import { EaselError, networkError } from './easel-error.ts'
import type { Problem } from './api-schemas.ts'

export type ConnectionOptions = {
  /** Where the server is, such as `http://127.0.0.1:8080`. In a browser: left out for the page's own. */
  readonly url?: string
  /** `esl_…`. Without it the browser's log-in cookie is used. */
  readonly apiKey?: string
  /** Id or short name of the space that calls are about; default is the personal one. */
  readonly space?: string
  readonly fetch?: typeof fetch
}

/** What `fetch` sends: bytes, text, a form, a stream. */
export type Payload = NonNullable<RequestInit['body']>

type Scalar = string | number | boolean | null | undefined
type Query = Readonly<Record<string, Scalar | readonly Scalar[]>>

export type CallOptions = {
  readonly signal?: AbortSignal
  /** A repeat with the same key gives the first answer, for a day. */
  readonly idempotencyKey?: string
}

export type Call = CallOptions & {
  readonly query?: Query
  /** Sent as JSON; whole numbers may be `bigint`. */
  readonly json?: unknown
  readonly body?: Payload
  readonly headers?: Readonly<Record<string, string>>
}

/** How the parts of the client speak: JSON whose whole numbers keep all their digits, errors as `EaselError`. */
export class Connection {
  readonly url: string
  readonly #options: ConnectionOptions

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.url = (options.url ?? '').replace(/\/+$/, '')
  }

  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const response = await this.send(method, path, call)
    const text = await response.text()
    return (text === '' ? undefined : parseJson(text)) as T
  }

  /** The response of a call that succeeded, its body unread. */
  async send(method: string, path: string, call: Call = {}): Promise<Response> {
    const { query, json, body, headers, signal, idempotencyKey } = call
    const init: RequestInit & { duplex?: 'half' } = {
      method,
      credentials: 'same-origin',
      headers: {
        ...this.#headers(),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...headers,
      },
      ...(json !== undefined && { body: stringifyJson(json) }),
      ...(body !== undefined && { body, duplex: 'half' }),
      ...(signal && { signal }),
    }
    const response = await this.#fetch(`${this.url}${path}${writeQuery(query)}`, init)
    if (!response.ok) throw await readProblem(response)
    return response
  }

  #headers(): Record<string, string> {
    const { apiKey, space } = this.#options
    return {
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      ...(space !== undefined && { 'x-space': space }),
    }
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const send = this.#options.fetch ?? fetch
    try {
      return await send(url, init)
    } catch (cause) {
      if (init.signal?.aborted) throw cause
      throw networkError(cause)
    }
  }
}

function writeQuery(query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const item of [value].flat()) {
      if (item !== undefined && item !== null) params.append(name, String(item))
    }
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

async function readProblem(response: Response): Promise<EaselError> {
  const text = await response.text().catch(() => '')
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const extra = Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {}
  const problem = parseProblem(text)
  return new EaselError({ title: response.statusText, ...problem, status: response.status }, extra)
}

function parseProblem(text: string): Partial<Problem> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    // A proxy's page, most likely.
    return {}
  }
}
