import { createReadStream } from 'node:fs'
import { fetchBlob } from '@easel/blobs'
import type { BlobStore } from '@easel/blobs'

/** The store that the caches of nodes read from, where that is not the disk of the models: S3. */
export class SharedStore implements AsyncDisposable {
  readonly #blobs: BlobStore

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** Complete and verified, or not there. */
  async put(sha256: string, path: string, signal?: AbortSignal): Promise<void> {
    const expected = `sha256:${sha256}`
    if (await this.#blobs.stat(expected)) return
    const source = createReadStream(path, { highWaterMark: 1024 * 1024 })
    await this.#blobs.put(source, { expected, ...(signal && { signal }) })
  }

  /** Writes a whole, verified and synced file, or none. */
  async fetch(
    sha256: string,
    { path, bytes, signal }: { path: string; bytes: number; signal?: AbortSignal },
  ): Promise<void> {
    await fetchBlob(this.#blobs, { key: `sha256:${sha256}`, path, bytes, ...(signal && { signal }) })
  }

  async delete(sha256: string): Promise<void> {
    await this.#blobs.delete(`sha256:${sha256}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#blobs[Symbol.asyncDispose]()
  }
}
