import { AppError } from '@easel/protocol'

type PgError = Error & { code: string; constraint?: string; detail?: string }

/** The shape `@prisma/adapter-pg` wraps a server's answer in. */
type DriverCause = {
  kind?: string
  originalCode?: string
  constraint?: { index?: string; fields?: string[] }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** Prisma keeps the driver's error under `meta.driverAdapterError` (known errors) or is that error itself. */
function driverCause(error: unknown): DriverCause | undefined {
  const wrapped = field(field(error, 'meta'), 'driverAdapterError') ?? error
  const cause = field(wrapped, 'cause')
  return typeof field(cause, 'kind') === 'string' ? (cause as DriverCause) : undefined
}

/** The SQLSTATE of a failure, whether it came through `pg` or through Prisma. */
export function sqlState(error: unknown): string | undefined {
  const code = field(error, 'code')
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && field(error, 'severity') !== undefined)
    return code
  return driverCause(error)?.originalCode
}

/**
 * Was it this unique index (or any, without a name) that refused the row? Works for errors of `pg` and of
 * Prisma. The name is the one in the migration: `models_sha256_key`.
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== '23505') return false
  if (constraint === undefined) return true
  return ((error as PgError).constraint ?? driverCause(error)?.constraint?.index) === constraint
}

const socketErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
])

/** Texts of errors that `pg` and `pg-pool` throw without a code. */
const lostTexts = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
]

/** Prisma's names for the same: unreachable, timed out, closed, pool exhausted, transaction not started in time. */
const prismaLost = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'])
const driverLost = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
])

/** Is the database away (or read-only after a failover), as against unhappy with what was asked? */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlState(error)
  // 08 connection exceptions; 57P01..05 shutdown, crash, starting up; 53300 too many; 25006 read-only standby.
  if (state !== undefined) return /^(08...|57P0[1-5]|53300|25006)$/.test(state)
  const code = field(error, 'code')
  if (typeof code === 'string' && (prismaLost.has(code) || (socketErrors.has(code) && hasSyscall(error))))
    return true
  const kind = driverCause(error)?.kind
  if (kind !== undefined && driverLost.has(kind)) return true
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isConnectionLoss)
  return error instanceof Error && lostTexts.some((text) => error.message.startsWith(text))
}

const hasSyscall = (error: unknown) => typeof field(error, 'syscall') === 'string'

/** 40001 serialization failure, 40P01 deadlock (Prisma: P2034): the same transaction may succeed on a repeat. */
export function isTransactionConflict(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40001' || state === '40P01' || field(error, 'code') === 'P2034'
}

/**
 * Connection loss becomes `unavailable` / DATABASE_UNAVAILABLE, a statement over its time `deadline` /
 * DATABASE_TIMEOUT. Anything else is returned as it is.
 */
export function fromDatabaseError(cause: unknown): unknown {
  if (cause instanceof AppError) return cause
  if (isConnectionLoss(cause)) {
    return new AppError('unavailable', 'The database is not reachable', {
      reason: 'DATABASE_UNAVAILABLE',
      retryAfterMs: 1_000,
      cause,
    })
  }
  // P2028: Prisma's own limit on how long a transaction may wait or run.
  if (sqlState(cause) === '57014' || field(cause, 'code') === 'P2028') {
    return new AppError('deadline', 'The database took too long', { reason: 'DATABASE_TIMEOUT', cause })
  }
  return cause
}
