import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { AppError } from '@easel/protocol'

export type DiskReserve = {
  bytes: number
  /** Of the file system, 0 to 1. The larger of the two stays free. */
  share: number
}

export type DiskSpace = {
  /** Throws DISK_FULL unless so many bytes fit and the reserve stays free. */
  require(bytes: number): Promise<void>
}

export function diskSpace(directory: string, reserve: DiskReserve): DiskSpace {
  return {
    async require(bytes) {
      const { bavail, blocks, bsize } = await statfs(directory)
      const kept = Math.max(reserve.bytes, blocks * bsize * reserve.share)
      if (bavail * bsize - bytes < kept) throw diskFull()
    },
  }
}

/**
 * Takes the space of a file before its bytes come, where the system can: a full disk is known at once then, and the
 * file lies in one piece. Node has no call for it. What is taken reads as zeros and counts for nothing.
 */
export async function preallocate(path: string, bytes: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<string>()
  execFile('fallocate', ['--length', String(bytes), path], (error, _out, text) => resolve(error ? text : ''))
  if (/no space left|quota exceeded|file too large/i.test(await promise)) throw diskFull()
}

/** What the disk said, as `errno` names it. */
export function diskFault({ code, message }: { code: string; message: string }): AppError {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return diskFull(message)
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new AppError('conflict', `The folder of the models cannot be written to (${code})`, {
        reason: 'DISK_READ_ONLY',
        cause: message,
      })
    case 'THREAD_ENDED':
      return new AppError('unavailable', 'The thread of the transfer ended', { cause: message })
    default:
      return new AppError('internal', `The disk refused the file (${code})`, {
        reason: 'DISK_FAILED',
        cause: message,
        details: { code },
      })
  }
}

function diskFull(cause?: unknown): AppError {
  const text = 'There is too little space left on the disk of the models'
  return new AppError('conflict', text, { reason: 'DISK_FULL', cause })
}
