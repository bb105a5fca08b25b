import type { Readable } from 'node:stream'

/**
 * What a blob is called: the hash of its bytes, lower case. `blake3:<64 hex>` for assets, `sha256:<64 hex>`
 * for model files. A key is checked wherever it comes in, so it can never name a path.
 */
export type BlobKey = string

export type BlobAlgorithm = 'blake3' | 'sha256'

export type PutOptions = {
  /** Default: the algorithm of `expected`, else `blake3`. */
  algorithm?: BlobAlgorithm
  /** Refuse the bytes unless they hash to this (`invalid`, `BLOB_MISMATCH`). */
  expected?: BlobKey
  /** Stop reading beyond this many bytes (`invalid`, `BLOB_TOO_LARGE`). */
  maxBytes?: number
  /** Kept by S3 for presigned downloads; a directory has no place for it. */
  contentType?: string
  /** On abort nothing is kept and the promise rejects with the signal's reason. */
  signal?: AbortSignal
}

export type PutResult = { key: BlobKey; bytes: number; existed: boolean }

/** Offsets in bytes; `end` is inclusive, as in an HTTP range, and is cut to the last byte. */
export type ByteRange = { start: number; end?: number; signal?: AbortSignal }

export type BlobEntry = { key: BlobKey; bytes: number; modifiedAt: Date }

export type PresignOptions = {
  expiresSeconds: number
  contentType?: string
  /** Name the browser saves under. */
  filename?: string
}

/**
 * Content-addressed bytes. A blob is visible only when it is complete and its hash is known, and a `put` that
 * has returned survives a power cut. Writing the same content twice, even at the same time, is one blob.
 *
 * Every method refuses a malformed key with `invalid` / `BLOB_KEY_INVALID`.
 */
export interface BlobStore extends AsyncDisposable {
  /** Fails with `exhausted` / `DISK_FULL` when there is no room; nothing partial stays behind. */
  put(source: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<PutResult>

  stat(key: BlobKey): Promise<{ bytes: number } | undefined>

  /** `not_found` / `BLOB_NOT_FOUND`; `invalid` / `RANGE_NOT_SATISFIABLE` when `start` lies behind the end. */
  read(key: BlobKey, range?: ByteRange): Promise<Readable>

  /**
   * The bytes of a short range (at most `maxReadBytes`) in one piece: the fast way to answer an HTTP range.
   * Errors as `read`; a longer range is `invalid` / `RANGE_TOO_LARGE`.
   */
  readBytes(key: BlobKey, range: ByteRange): Promise<Buffer>

  /** Idempotent. Whoever is reading it may read on. */
  delete(key: BlobKey): Promise<void>

  /** A URL that hands out the blob without us; `undefined` where there is none (a directory). */
  presignGet(key: BlobKey, options: PresignOptions): Promise<string | undefined>

  /** Every blob whose key starts with `prefix` (`blake3:`, `sha256:0a`), in no promised order. */
  list(prefix?: string): AsyncIterable<BlobEntry>

  /** Removes what interrupted writes left, once it is older than `tempMaxAgeMs`. A directory also does it on opening. */
  sweep(): Promise<{ removed: number }>

  /** Readiness: writes, reads back and removes a few bytes. Fails with `unavailable` or `exhausted`. */
  check(): Promise<void>
}

/** The longest range `readBytes` answers: 4 MiB. Longer ones are streamed with `read`. */
export const maxReadBytes = 4 * 1024 * 1024
