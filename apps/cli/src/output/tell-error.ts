import { AppError, type Fault } from '@easel/protocol'
import { exitCodes, type ExitCode } from '../exit-codes.ts'

/** An error as it is told: the same to people and, as JSON, to programs. */
export type ToldError = {
  readonly code: string
  readonly message: string
  readonly errors: readonly Fault[]
  readonly exitCode: ExitCode
}

/** As the SDK throws them; told by their shape, since the SDK is loaded only by what calls a server. */
type ServerError = Error & {
  status: number
  code: string
  errors: readonly Fault[]
  details?: Readonly<Record<string, unknown>>
  cause?: unknown
}

/** Total: what nobody expected is told with its stack, because it is a bug. */
export function tellError(cause: unknown): ToldError {
  if (cause instanceof AppError) return tellOurs(cause)
  if (isServerError(cause)) return tellServers(cause)
  if (isSystemError(cause))
    return { code: cause.code, message: cause.message, errors: [], exitCode: exitCodes.failed }
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return { code: 'BUG', message, errors: [], exitCode: exitCodes.failed }
}

function tellOurs({ code, reason, message, extra }: AppError): ToldError {
  const exitCode =
    reason === 'CANCELED'
      ? exitCodes.canceled
      : code === 'invalid'
        ? exitCodes.refused
        : code === 'deadline'
          ? exitCodes.timedOut
          : exitCodes.failed
  return { code: reason ?? code.toUpperCase(), message, errors: extra.faults ?? [], exitCode }
}

const refused: ReadonlySet<number> = new Set([400, 413, 415, 422])

function tellServers({ status, code, message: said, errors, details, cause }: ServerError): ToldError {
  // Of a gated model: where to ask to be let in.
  const message = typeof details?.approvalUrl === 'string' ? `${said}: ${details.approvalUrl}` : said
  if (status === 0) {
    const reason = innermost(cause)
    const why = reason && reason !== message ? ` (${reason})` : ''
    const told = `${message}${why}. Is it running? \`easel up\` starts one here.`
    return { code: 'UNREACHABLE', message: told, errors, exitCode: exitCodes.unreachable }
  }
  if (status === 401) {
    const hint = code === 'BAD_LOGIN' ? '' : ': `easel login` does it, or EASEL_API_KEY'
    return { code, message: `${message}${hint}`, errors, exitCode: exitCodes.notSignedIn }
  }
  return { code, message, errors, exitCode: refused.has(status) ? exitCodes.refused : exitCodes.failed }
}

function isServerError(cause: unknown): cause is ServerError {
  return cause instanceof Error && cause.name === 'EaselError' && 'status' in cause
}

function isSystemError(cause: unknown): cause is Error & { code: string } {
  return cause instanceof Error && 'syscall' in cause && 'code' in cause && typeof cause.code === 'string'
}

/** `fetch failed` says little; its cause names the address. */
function innermost(cause: unknown): string {
  let error = cause
  while (error instanceof Error && error.cause instanceof Error) error = error.cause
  if (error instanceof AggregateError && error.message === '') error = error.errors[0]
  return error instanceof Error ? error.message : ''
}
