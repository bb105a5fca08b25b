import { STATUS_CODES } from 'node:http'
import { AppError } from '@easel/protocol'
import type { Code, Fault } from '@easel/protocol'

/** RFC 9457. */
export type Problem = {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  /** Stable name, such as `JOB_NOT_FOUND`. */
  readonly code: string
  readonly detail: string
  readonly errors?: readonly Fault[]
  readonly details?: Readonly<Record<string, unknown>>
  readonly traceId?: string
}

const statusOfCode: Record<Code, number> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  exhausted: 429,
  unavailable: 503,
  deadline: 504,
  internal: 500,
}

/** Where a reason says more about the status than its code. */
const statusOfReason: Readonly<Record<string, number>> = {
  MALFORMED: 400,
  STALE: 412,
  PRECONDITION_REQUIRED: 428,
  DISK_FULL: 507,
  BODY_TOO_LARGE: 413,
  BLOB_TOO_LARGE: 413,
  BUDGET_EXCEEDED: 402,
  MEDIA_TYPE: 415,
  RANGE_NOT_SATISFIABLE: 416,
}

export function statusOf(error: AppError): number {
  return (error.reason !== undefined && statusOfReason[error.reason]) || statusOfCode[error.code]
}

export function problemOf(error: AppError, traceId?: string): Problem {
  const status = statusOf(error)
  const { faults, details } = error.extra
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.reason ?? error.code.toUpperCase(),
    detail: error.message,
    ...(faults && faults.length > 0 && { errors: faults }),
    ...(details && { details }),
    ...(traceId !== undefined && { traceId }),
  }
}

/** Seconds, at least one; for the answers that ask to come again. */
export function retryAfter(error: AppError): number | undefined {
  if (!error.retryable || statusOf(error) === 507) return undefined
  return Math.max(1, Math.ceil((error.extra.retryAfterMs ?? 1_000) / 1_000))
}

type FastifyFault = { statusCode?: unknown; code?: unknown; message?: unknown }

/** What Fastify and its plugins refuse, in our words. */
export function fromFastify(cause: unknown): AppError {
  if (cause instanceof AppError) return cause
  const { statusCode, code } = (typeof cause === 'object' && cause !== null ? cause : {}) as FastifyFault
  if (statusCode === 413) {
    return new AppError('invalid', 'The request is too large', { reason: 'BODY_TOO_LARGE', cause })
  }
  if (statusCode === 415) {
    return new AppError('invalid', 'This kind of content is not understood here', {
      reason: 'MEDIA_TYPE',
      cause,
    })
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 && typeof code === 'string') {
    return malformed('The request is malformed', cause)
  }
  return AppError.from(cause)
}

export function malformed(message: string, cause?: unknown): AppError {
  return new AppError('invalid', message, { reason: 'MALFORMED', cause })
}
