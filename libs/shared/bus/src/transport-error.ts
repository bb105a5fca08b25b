import { AppError } from '@easel/protocol'

/** What the client of NATS throws, as something that the caller may try again. Anything else stays what it is. */
export function fromTransport(cause: unknown): AppError {
  const name = cause instanceof Error ? cause.name : ''
  const again = { retryAfterMs: 1_000, cause }
  if (connectionErrors.has(name)) {
    const extra = { reason: 'BUS_DISCONNECTED', ...again }
    return new AppError('unavailable', 'The server cannot reach its parts', extra)
  }
  if (streamErrors.has(name)) {
    const extra = { reason: 'NATS_UNAVAILABLE', ...again }
    return new AppError('unavailable', 'The streams of the server are not there', extra)
  }
  if (name === 'TimeoutError') {
    return new AppError('deadline', 'The server did not answer in time', { reason: 'DEADLINE', ...again })
  }
  return AppError.from(cause)
}

const connectionErrors = new Set(['ConnectionError', 'ClosedConnectionError', 'DrainingConnectionError'])
/** A server that has just started takes connections before it has its streams. */
const streamErrors = new Set(['JetStreamNotEnabled', 'NoResponders', 'RequestError'])
