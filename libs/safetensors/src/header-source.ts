import { open } from 'node:fs/promises'
import { AppError } from '@easel/protocol'

/** Where the first bytes of a file come from. */
export type HeaderSource = {
  /** Length of the whole file in bytes. */
  size(): Promise<number>
  /** Exactly the bytes [start, end); fewer are an error of the source. */
  read(start: number, end: number): Promise<Uint8Array>
}

/** The answer to a ranged request: the bytes and the length of the whole (from `Content-Range`). */
export type RangeAnswer = { bytes: Uint8Array; totalBytes: number }

/** Fetches the bytes [start, end] (inclusive, as in HTTP). */
export type FetchRange = (url: string, range: { start: number; end: number }) => Promise<RangeAnswer>

export function fileSource(path: string): HeaderSource {
  return {
    size: async () => {
      await using file = await open(path)
      return (await file.stat()).size
    },
    read: async (start, end) => {
      await using file = await open(path)
      const bytes = Buffer.allocUnsafe(end - start)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
      return bytes.subarray(0, bytesRead)
    },
  }
}

export function rangeSource(url: string, fetchRange: FetchRange): HeaderSource {
  return {
    size: async () => (await fetchRange(url, { start: 0, end: 7 })).totalBytes,
    read: async (start, end) => {
      const { bytes } = await fetchRange(url, { start, end: end - 1 })
      if (bytes.length !== end - start) throw new AppError('unavailable', 'The server sent another range')
      return bytes
    },
  }
}
