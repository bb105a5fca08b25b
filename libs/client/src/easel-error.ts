import type { Problem } from './api-schemas.ts'

/** A call that was answered with a problem document, or with none at all. */
export class EaselError extends Error {
  override name = 'EaselError'
  /** 0 when there was no answer. */
  readonly status: number
  /** Stable name, such as `JOB_NOT_FOUND`; `NETWORK` when there was no answer. */
  readonly code: string
  /** What is wrong with the input, by path. */
  readonly errors: readonly { readonly path: string; readonly message: string }[]
  readonly details: Readonly<Record<string, unknown>>
  readonly traceId: string | undefined
  /** When a repeat can succeed, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(problem: Partial<Problem>, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(problem.detail ?? problem.title ?? 'The call failed', { cause: options.cause })
    this.status = problem.status ?? 0
    this.code = problem.code ?? 'ERROR'
    this.errors = problem.errors ?? []
    this.details = problem.details ?? {}
    this.traceId = problem.traceId
    this.retryAfterMs = options.retryAfterMs
  }

  /** Nobody answered: the server is away, or the address is wrong. */
  get isNetwork(): boolean {
    return this.code === 'NETWORK'
  }
}

export function networkError(cause: unknown): EaselError {
  return new EaselError({ code: 'NETWORK', detail: 'The server cannot be reached' }, { cause })
}
