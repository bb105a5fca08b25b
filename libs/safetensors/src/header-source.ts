import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { AppError } from '@easel/protocol'

/** Where the bytes of a header come from. */
export type HeaderSource = {
  /** The first `length` bytes, or all of a shorter file, and the length of the whole file. */
  head(length: number, signal?: AbortSignal): Promise<RangeAnswer>
  /** Exactly the bytes [start, end). */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>
  /** Set for local files: a thread can read them by itself. */
  path?: string
}

/** The answer to a ranged request: the bytes and the length of the whole (from `Content-Range`). */
export type RangeAnswer = { bytes: Uint8Array; totalBytes: number }

/** Fetches the bytes [start, end] (inclusive, as in HTTP); fewer when the file ends before. */
export type FetchRange = (
  url: string,
  range: { start: number; end: number; signal?: AbortSignal },
) => Promise<RangeAnswer>

export function fileSource(path: string): HeaderSource {
  return {
    path,
    head: async (length) => {
      await using file = await openRegular(path)
      const { size } = await file.stat()
      const bytes = Buffer.alloc(Math.min(length, size))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
      return { bytes: bytes.subarray(0, bytesRead), totalBytes: size }
    },
    read: async (start, end) => {
      await using file = await openRegular(path)
      const bytes = Buffer.alloc(end - start)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
      return whole(bytes.subarray(0, bytesRead), end - start)
    },
  }
}

/** A pipe or a device would be waited for, or never end. */
async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new AppError('invalid', 'No regular file', { reason: 'NOT_A_FILE' })
}

/** One request for most files, two for those with long headers; never more of a file than its header. */
export function rangeSource(url: string, fetchRange: FetchRange): HeaderSource {
  return {
    head: async (length, signal) => {
      const answer = await fetchRange(url, { start: 0, end: length - 1, signal })
      return { ...answer, bytes: whole(answer.bytes, Math.min(length, answer.totalBytes)) }
    },
    read: async (start, end, signal) =>
      whole((await fetchRange(url, { start, end: end - 1, signal })).bytes, end - start),
  }
}

function whole(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes
  throw new AppError('unavailable', 'The file gave fewer or more bytes than it has', {
    reason: 'SAFETENSORS_SHORT_READ',
  })
}
