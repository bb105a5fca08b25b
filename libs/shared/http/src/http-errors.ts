import { AppError } from '@easel/protocol'

/** The text says nothing of what an address resolves to: it may be shown to whoever chose the URL. */
export function urlForbidden(message = 'This URL leads where it is not allowed to'): AppError {
  return new AppError('invalid', message, { reason: 'URL_FORBIDDEN' })
}

export function urlUnreachable(message: string, cause?: unknown): AppError {
  return new AppError('unavailable', message, { reason: 'URL_UNREACHABLE', cause })
}

export function responseTooLarge(maxBytes: number): AppError {
  return new AppError('invalid', `The answer is larger than ${maxBytes} bytes`, {
    reason: 'RESPONSE_TOO_LARGE',
    details: { maxBytes },
  })
}

const deadlines = new Map([
  ['UND_ERR_CONNECT_TIMEOUT', 'No connection in time'],
  ['UND_ERR_HEADERS_TIMEOUT', 'No answer in time'],
  ['UND_ERR_BODY_TIMEOUT', 'The answer stalled'],
])

/** Maps what the transport throws. */
export function fromTransport(cause: unknown): AppError {
  const known = appErrorIn(cause)
  if (known) return known
  const deadline = deadlines.get((cause as { code?: string })?.code ?? '')
  if (deadline) return deadlineExceeded(deadline, cause)
  return urlUnreachable('The server cannot be reached or broke off', cause)
}

export function deadlineExceeded(message: string, cause?: unknown): AppError {
  return new AppError('deadline', message, { reason: 'URL_UNREACHABLE', cause })
}

/** A refusal may come wrapped: Node bundles the failures of several addresses. */
function appErrorIn(cause: unknown): AppError | undefined {
  if (cause instanceof AppError) return cause
  if (cause instanceof AggregateError) return cause.errors.find((error) => error instanceof AppError)
  return cause instanceof Error && cause.cause instanceof AppError ? cause.cause : undefined
}
