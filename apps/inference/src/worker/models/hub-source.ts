import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchBlob, openConfiguredBlobs } from '@easel/blobs'
import type { BlobStore } from '@easel/blobs'
import type { BlobsConfig } from '@easel/config'
import { AppError } from '@easel/protocol'

export type FetchedContent = { sha256: string; bytes: number; path: string; signal: AbortSignal }

/** Where contents of models are read from. */
export interface HubSource extends AsyncDisposable {
  /** Where it can be read in place: a file on the same disk, which needs no copy. */
  place(sha256: string): Promise<{ path: string; bytes: number; device: number } | undefined>
  /** Writes a whole, verified and synced file, or none. */
  fetch(content: FetchedContent): Promise<void>
}

export async function openHubSource(config: BlobsConfig): Promise<HubSource> {
  if (config.kind === 'directory') return new HubDirectory(config.path)
  return new HubBucket(await openConfiguredBlobs(config))
}

/** The hub's own folder, on a volume that nodes share. It is only read: it may be mounted so. */
class HubDirectory implements HubSource {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async place(sha256: string) {
    const path = this.#pathOf(sha256)
    const facts = await stat(path).catch(unlessAbsent)
    return facts && { path, bytes: facts.size, device: facts.dev }
  }

  async fetch({ sha256, ...wanted }: FetchedContent): Promise<void> {
    const found = await this.place(sha256)
    if (!found) throw new AppError('not_found', 'The hub does not have it', { reason: 'BLOB_NOT_FOUND' })
    await using file = await open(found.path, 'r')
    const reader = {
      stat: () => Promise.resolve({ bytes: found.bytes }),
      async readBytes(_key: string, { start, end = found.bytes - 1 }: { start: number; end?: number }) {
        const bytes = Buffer.allocUnsafe(end - start + 1)
        let done = 0
        while (done < bytes.length) {
          const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done)
          if (bytesRead === 0) break
          done += bytesRead
        }
        return bytes.subarray(0, done)
      },
    }
    await fetchBlob(reader, { key: `sha256:${sha256}`, ...wanted, ranges: 2 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held.
  }

  #pathOf(sha256: string): string {
    return join(this.#root, 'sha256', sha256.slice(0, 2), sha256)
  }
}

class HubBucket implements HubSource {
  readonly #blobs: BlobStore

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  place(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  async fetch({ sha256, ...wanted }: FetchedContent): Promise<void> {
    await fetchBlob(this.#blobs, { key: `sha256:${sha256}`, ...wanted, ranges: 16 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#blobs[Symbol.asyncDispose]()
  }
}

function unlessAbsent(cause: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause
}
