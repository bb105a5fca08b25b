/**
 * The closed set of things that can go wrong, as seen by a caller. Nothing is added to it: what a caller
 * must tell apart beyond these is a `reason`, named in the contract.
 */
export const codes = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'exhausted',
  'unavailable',
  'deadline',
  'internal',
] as const
export type Code = (typeof codes)[number]

/** One fault of an input: `path` is dotted (`workflow.3.inputs.seed`), `message` says what to do. */
export type Fault = { path: string; message: string }

export type ErrorExtra = {
  /** Stable UPPER_SNAKE name (`JOB_NOT_FOUND`); part of the contract. */
  reason?: string
  faults?: readonly Fault[]
  /** When a repeat can succeed, in milliseconds from now. */
  retryAfterMs?: number
  /** Facts a program may want (a limit, an id); plain JSON, safe to show to the caller. */
  details?: Record<string, unknown>
  /** Kept for our logs; never crosses the wire. */
  cause?: unknown
}

/** What of an error crosses a process boundary. */
export type WireError = Omit<ErrorExtra, 'cause'> & { code: Code; message: string }

const retryable: ReadonlySet<Code> = new Set(['exhausted', 'unavailable', 'deadline'])

/** The one error class. Everything else that is thrown is a bug and becomes `internal`. */
export class AppError extends Error {
  override name = 'AppError'
  readonly code: Code
  readonly extra: ErrorExtra

  constructor(code: Code, message: string, extra: ErrorExtra = {}) {
    super(message, { cause: extra.cause })
    this.code = code
    this.extra = extra
  }

  get reason(): string | undefined {
    return this.extra.reason
  }

  get retryable(): boolean {
    return retryable.has(this.code)
  }

  toWire(): WireError {
    const { reason, faults, retryAfterMs, details } = this.extra
    return { code: this.code, message: this.message, reason, faults, retryAfterMs, details }
  }

  /** Total. The text of anything unexpected stays in our logs (as `cause`), never on the wire. */
  static from(cause: unknown): AppError {
    return cause instanceof AppError ? cause : new AppError('internal', 'Internal error', { cause })
  }

  static fromWire(wire: unknown): AppError {
    if (typeof wire !== 'object' || wire === null || !codes.includes((wire as WireError).code)) {
      return new AppError('internal', 'Internal error', { cause: wire })
    }
    const { code, message, ...extra } = wire as WireError
    return new AppError(code, message, extra)
  }
}

/** `not_found` for both "is not there" and "is not yours": the two must not be told apart. */
export function notFound(thing: string, reason: string): AppError {
  return new AppError('not_found', `No such ${thing}`, { reason })
}
