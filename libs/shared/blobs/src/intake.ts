import { AppError } from '@easel/protocol'
import { contentHash, parseKey } from './blob-key.ts'
import type { ContentHash } from './blob-key.ts'
import type { BlobAlgorithm, BlobKey, PutOptions } from './blob-store.ts'

/** The side of a `put` that no store may do differently: counting, hashing, limits, abort, the verdict. */
export class Intake {
  bytes = 0
  readonly #source: AsyncIterator<Uint8Array>
  readonly #options: PutOptions
  readonly #algorithm: BlobAlgorithm
  readonly #hash: ContentHash
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>, options: PutOptions) {
    const expected = options.expected === undefined ? undefined : parseKey(options.expected).algorithm
    this.#algorithm = options.algorithm ?? expected ?? 'blake3'
    if (expected !== undefined && expected !== this.#algorithm) {
      throw new AppError('invalid', 'The expected key is of another algorithm', {
        reason: 'BLOB_KEY_INVALID',
      })
    }
    this.#hash = contentHash(this.#algorithm)
    this.#options = options
    this.#source = source[Symbol.asyncIterator]()
  }

  /** The next bytes, joined until there are at least `atLeast` of them or the source ends; empty at the end. */
  async take(atLeast: number): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    let length = 0
    while (length < atLeast && !this.#ended) {
      const chunk = await this.#next()
      if (!chunk) break
      chunks.push(chunk)
      length += chunk.length
    }
    if (chunks.length !== 1) return Buffer.concat(chunks, length)
    const [only] = chunks
    return Buffer.from(only!.buffer, only!.byteOffset, only!.byteLength)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The key of everything taken; refuses it when another was expected. */
  finish(): BlobKey {
    const key = `${this.#algorithm}:${this.#hash.digest('hex')}`
    const { expected } = this.#options
    if (expected !== undefined && expected !== key) {
      throw new AppError('invalid', 'The bytes are not the expected ones', {
        reason: 'BLOB_MISMATCH',
        details: { expected, actual: key },
      })
    }
    return key
  }

  /** Lets the source clean up when it is left before its end. Does not wait: a stuck source may never answer. */
  abandon(): void {
    if (this.#ended) return
    this.#ended = true
    // The put is failing already, for a reason of its own; a second failure of its source adds nothing.
    this.#source.return?.().catch(() => undefined)
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { signal, maxBytes = Infinity } = this.#options
    const result = await orAbort(this.#source.next(), signal)
    if (result.done) {
      this.#ended = true
      return undefined
    }
    const chunk = result.value
    this.bytes += chunk.length
    if (this.bytes > maxBytes) {
      throw new AppError('invalid', `More than ${maxBytes} bytes`, {
        reason: 'BLOB_TOO_LARGE',
        details: { maxBytes },
      })
    }
    this.#hash.update(chunk)
    return chunk
  }
}

/** A source that hangs must not hang an aborted put. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
