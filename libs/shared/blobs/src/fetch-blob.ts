import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import { AppError } from '@easel/protocol'
import { blobError } from './blob-errors.ts'
import { maxReadBytes } from './blob-store.ts'
import type { BlobKey, BlobStore } from './blob-store.ts'

export type BlobReader = Pick<BlobStore, 'stat' | 'readBytes'>

export type FetchBlob = {
  /** `sha256:…` */
  key: BlobKey
  /** As told by `stat`, or known from elsewhere: another size is `BLOB_MISMATCH`. */
  bytes: number
  /** Made anew; absent afterwards unless all went well. */
  path: string
  /** Ranges that are asked for at once; 4 MiB of memory each. Default 8. */
  ranges?: number
  signal?: AbortSignal
  /** Bytes that are written. */
  onProgress?: (bytes: number) => void
}

/** Copies a blob into a file with several ranges at once, hashes it on the way, and syncs it. Wrong bytes stay nowhere. */
export async function fetchBlob(blobs: BlobReader, wanted: FetchBlob): Promise<void> {
  const { key, bytes, path, ranges = 8, signal, onProgress } = wanted
  const stopping = new AbortController()
  const abort = signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal
  const hash = createHash('sha256')
  const ahead: Promise<Buffer>[] = []
  let asked = 0
  let done = 0
  const ask = () => {
    if (asked >= bytes) return
    const start = asked
    asked = Math.min(bytes, start + maxReadBytes)
    const piece = blobs.readBytes(key, { start, end: asked - 1, signal: abort })
    piece.catch(() => undefined) // it is waited for in its turn
    ahead.push(piece)
  }
  try {
    await using file = await open(path, 'wx')
    for (let count = 0; count < ranges; count++) ask()
    for (let piece = ahead.shift(); piece; piece = ahead.shift()) {
      const chunk = await piece
      if (chunk.length !== Math.min(maxReadBytes, bytes - done)) throw mismatch()
      ask()
      await writeAll(file, chunk, done)
      hash.update(chunk)
      done += chunk.length
      onProgress?.(done)
      await breathe()
    }
    if (`sha256:${hash.digest('hex')}` !== key || (await blobs.stat(key))?.bytes !== bytes) throw mismatch()
    await file.sync()
  } catch (cause) {
    stopping.abort()
    await rm(path, { force: true })
    throw blobError(cause, signal)
  }
}

async function writeAll(
  file: {
    write(bytes: Buffer, at: number, length: number, position: number): Promise<{ bytesWritten: number }>
  },
  bytes: Buffer,
  position: number,
): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten
  }
}

const mismatch = (): AppError =>
  new AppError('invalid', 'The bytes are not what they should be', { reason: 'BLOB_MISMATCH' })
