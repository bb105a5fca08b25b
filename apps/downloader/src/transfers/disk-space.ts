import { execFile } from 'node:child_process'
import { stat, statfs } from 'node:fs/promises'
import { AppError } from '@easel/protocol'

export type DiskReserve = {
  bytes: number
  /** Of the file system, 0 to 1. The larger of the two stays free. */
  share: number
}

/** What others will still take of what is free. */
export type Promised = { bytes: number; transfers: number }

export type DiskSpace = {
  /** Throws DISK_FULL unless so many bytes fit, what is promised to others too, and the reserve stays free. */
  require(bytes: number, promised?: Promised): Promise<void>
}

const nothing: Promised = { bytes: 0, transfers: 0 }

export function diskSpace(directory: string, reserve: DiskReserve): DiskSpace {
  return {
    async require(bytes, promised = nothing) {
      const { bavail, blocks, bsize } = await statfs(directory)
      const free = bavail * bsize
      const kept = Math.max(reserve.bytes, blocks * bsize * reserve.share)
      if (free - bytes - promised.bytes >= kept) return
      throw diskFull(
        `: ${inWords(bytes)} are needed and ${inWords(free)} free, ${promises(promised)}${inWords(kept)} of it stay free`,
      )
    },
  }
}

const promises = ({ bytes, transfers }: Promised) =>
  transfers === 0 ? 'but ' : `but transfers under way (${transfers}) will take ${inWords(bytes)} of it and `

/** As people count bytes. */
export function inWords(bytes: number): string {
  const [unit, name] = bytes >= 1e9 ? [1e9, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB']
  return `${Math.round((bytes / unit) * 10) / 10} ${name}`
}

/** How many bytes a file of this length will still take from what is free. */
export async function bytesToTake(path: string, length: number): Promise<number> {
  return Math.max(0, length - (await bytesTaken(path)))
}

/** 0 where there is no file. Holes are not counted. */
async function bytesTaken(path: string): Promise<number> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
  })
  return found === undefined ? 0 : found.blocks * 512
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
      return diskFull('', message)
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

function diskFull(words = '', cause?: unknown): AppError {
  const text = `There is too little space left on the disk of the models${words}`
  return new AppError('conflict', text, { reason: 'DISK_FULL', cause })
}
