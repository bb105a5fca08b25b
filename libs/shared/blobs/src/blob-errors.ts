import { AppError, notFound } from '@easel/protocol'
import type { ByteRange } from './blob-store.ts'

// EFBIG is what a process or a quota limited by file size gets instead of ENOSPC.
const full = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'QuotaExceeded',
  'XMinioStorageFull',
  'InsufficientCapacity',
])
const absent = new Set(['ENOENT', 'NoSuchKey', 'NotFound'])

/** The name a failed system call (`code`) or S3 answer (`name`) goes by. */
function faultName(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return ''
  const { code, name } = cause as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : ''
}

export const isAbsent = (cause: unknown): boolean => absent.has(faultName(cause))

/** Total: an error of ours and the reason of the caller's own signal pass as they are. */
export function blobError(cause: unknown, signal?: AbortSignal): unknown {
  if (cause instanceof AppError) return cause
  if (signal?.aborted) return signal.reason
  const name = faultName(cause)
  if (absent.has(name)) return blobNotFound()
  if (name === 'InvalidRange') return rangeNotSatisfiable()
  if (full.has(name)) {
    return new AppError('exhausted', 'There is no room left to store this', { reason: 'DISK_FULL', cause })
  }
  return new AppError('unavailable', 'The blob store does not answer', { reason: 'BLOBS_UNAVAILABLE', cause })
}

export const blobNotFound = (): AppError => notFound('blob', 'BLOB_NOT_FOUND')

export const rangeNotSatisfiable = (): AppError =>
  new AppError('invalid', 'The range lies outside of the blob', { reason: 'RANGE_NOT_SATISFIABLE' })

/** The range as both ends inclusive; an empty blob has only the range that asks for all of it. */
export function resolveRange(
  { start, end = Infinity }: ByteRange,
  bytes: number,
): { start: number; end: number } {
  const sound = Number.isSafeInteger(start) && start >= 0 && end >= start
  if (!sound || (start >= bytes && start > 0)) throw rangeNotSatisfiable()
  return { start, end: Math.min(end, bytes - 1) }
}
