import { realpath } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { isSafeName, lookAt, nameTaken } from '@easel/blobs'
import type { LinkFarm } from '@easel/blobs'
import { AppError, notFound } from '@easel/protocol'
import type { Hasher } from '@easel/safetensors'
import type { DownloaderStore, DownloaderTx } from '../downloader.store.ts'
import type { ContentIndex, KnownContent, NamedContent, WantedName } from './content-index.ts'
import type { HubRoom } from './hub-room.ts'
import type { SharedStore } from './shared-store.ts'

export type HubParts = {
  store: DownloaderStore
  farm: LinkFarm
  hasher: Hasher
  room: HubRoom
  /** Where nodes read from, if that is not this disk. */
  shared: SharedStore | undefined
}

const unknownHash = '0'.repeat(64)
/** How long a content that is on its way to its name is safe from eviction. */
const holdMs = 60 * 60_000
/** What the shared store says of a copy that is of no use. */
const useless: ReadonlySet<string> = new Set(['BLOB_NOT_FOUND', 'BLOB_MISMATCH'])

/**
 * The contents of the hub and their names: files and rows together. Files are changed under the lock of their
 * content, before the rows: a crash in between leaves whole files that the sweep gives their rows.
 */
export class HubContents implements ContentIndex {
  readonly #parts: HubParts

  constructor(parts: HubParts) {
    this.#parts = parts
  }

  async find(sha256: string): Promise<KnownContent | null> {
    const { store, farm } = this.#parts
    const row = await store.hub.find(sha256)
    if (!row || row.state === 'bad') return null
    const bytes = Number(row.bytes)
    const isHere = row.state === 'present' && (await farm.size(sha256)) === bytes
    return isHere || row.shared ? { path: farm.blob(sha256), bytes } : null
  }

  async link(sha256: string, wanted: WantedName): Promise<NamedContent> {
    const known = await this.find(sha256)
    if (!known) throw contentNotFound()
    const { bytes } = known
    const path = `${wanted.folder}/${wanted.filename}`
    if (await this.hasEqual(path, { sha256, bytes }, wanted.signal)) return { path, sha256, bytes }
    await this.#restore(sha256, bytes, wanted.signal)
    await this.name(path, sha256, wanted.transferId)
    return { path, sha256, bytes }
  }

  async linkReal(real: string, sha256: string, wanted: WantedName): Promise<NamedContent> {
    const { farm, hasher } = this.#parts
    const path = `${wanted.folder}/${wanted.filename}`
    const file = await realpath(real)
    const { hash, bytes } = await hasher.hashFile(file, { ...(wanted.signal && { signal: wanted.signal }) })
    if (hash !== sha256) throw wrongContent(sha256, hash)
    if (await this.hasEqual(path, { sha256, bytes }, wanted.signal)) return { path, sha256, bytes }
    await this.change(sha256, async ({ hub }) => {
      const present = (await farm.size(sha256)) === bytes
      const row = await hub.find(sha256)
      if (!present) await farm.point(sha256, relativeInside(farm, sha256, file))
      await hub.putContent({
        sha256,
        bytes,
        external: present ? (row?.external ?? false) : true,
        verified: !present,
      })
    })
    await this.name(path, sha256, wanted.transferId)
    return { path, sha256, bytes }
  }

  /** Somebody's own file, which a content was, lies here now. */
  async follow(sha256: string, path: string): Promise<void> {
    const { farm, store } = this.#parts
    const known = await store.hub.find(sha256)
    if (!known?.external || !isSafeName(path)) return
    await this.change(sha256, async ({ hub }) => {
      const row = await hub.find(sha256)
      if (!row?.external || (await farm.size(sha256)) !== undefined) return
      const file = await realpath(farm.path(path)).catch(() => undefined)
      if (!file || (await lookAt(file))?.bytes !== Number(row.bytes)) return
      await farm.point(sha256, relativeInside(farm, sha256, file))
    })
  }

  /** Takes verified bytes in; the file's own name may be gone afterwards. */
  async keep(source: string, content: { sha256: string; bytes: number; holder: string }): Promise<void> {
    const { farm, room, store } = this.#parts
    const { sha256, bytes, holder } = content
    if ((await this.#hasBytes(sha256, bytes)) === false) await room.make(bytes)
    await this.change(sha256, async ({ hub }) => {
      const here = (await farm.size(sha256)) === bytes
      await farm.admit(source, { sha256, bytes })
      const row = await hub.find(sha256)
      await hub.putContent({
        sha256,
        bytes,
        external: here ? (row?.external ?? false) : false,
        verified: !here,
      })
      await hub.lease(holder, [sha256], holdMs)
    })
    if (!(await store.hub.find(sha256))?.shared) await this.share(sha256)
  }

  /** Makes the link, then the row. Both may be there. */
  async name(path: string, sha256: string, transferId: string | null = null): Promise<void> {
    const { farm } = this.#parts
    await this.change(sha256, async ({ hub }) => {
      // One that is being evicted is there still, and would take the name with it.
      const row = await hub.find(sha256)
      if (row?.state !== 'present' || (await farm.size(sha256)) === undefined) throw contentNotFound()
      await farm.link(sha256, path)
      await hub.putName({ path, sha256, transferId })
      await hub.touch([sha256])
    })
  }

  /** Removes the names that this transfer gave a content, and that nobody else was given. */
  async unname(transferId: string, sha256: string): Promise<void> {
    await this.change(sha256, async ({ hub }) => {
      for (const path of await hub.namesOf(transferId, sha256)) {
        await this.#parts.farm.unlink(sha256, path)
        await hub.removeName(path, sha256)
      }
    })
  }

  /**
   * Does a file of somebody's own with these bytes have the name? Reads all of it, so it is asked outside of the lock.
   * `FILE_EXISTS` when it is of other bytes.
   */
  async hasEqual(
    path: string,
    { sha256, bytes }: { sha256: string; bytes: number },
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { farm, hasher } = this.#parts
    const found = await farm.occupant(sha256, path)
    if (!found || found.kind === 'ours') return false
    if (found.bytes !== bytes) throw nameTaken()
    const { hash } = await hasher.hashFile(farm.path(path), { ...(signal && { signal }) })
    if (hash !== sha256) throw nameTaken()
    return true
  }

  /** `FILE_EXISTS` when a file of another size has the name; what its hash shall be is not known. */
  async requireName(path: string, bytes: number | null): Promise<void> {
    const found = await this.#parts.farm.occupant(unknownHash, path)
    if (found && bytes !== null && found.bytes !== bytes) throw nameTaken()
  }

  /** Copies a content to where nodes read from, if that is elsewhere. */
  async share(sha256: string, signal?: AbortSignal): Promise<void> {
    const { shared, farm, store } = this.#parts
    if (!shared) return
    await shared.put(sha256, farm.blob(sha256), signal)
    await store.hub.setShared(sha256, true)
  }

  /** Files and rows of one content, by one replica at a time. */
  change<T>(sha256: string, work: (tx: DownloaderTx) => Promise<T>): Promise<T> {
    return this.#parts.store.transact(async (tx) => {
      await tx.hub.lock(sha256)
      return await work(tx)
    })
  }

  /** Evicted here, but still in the shared store. */
  async #restore(sha256: string, bytes: number, signal?: AbortSignal): Promise<void> {
    const { farm, shared, room, store } = this.#parts
    if (await this.#hasBytes(sha256, bytes)) return
    if (!shared) throw contentNotFound()
    await room.make(bytes)
    const temp = farm.temp()
    try {
      await shared.fetch(sha256, { bytes, path: temp, ...(signal && { signal }) })
    } catch (cause) {
      if (!(cause instanceof AppError) || !useless.has(cause.reason ?? '')) throw cause
      // Removed there by somebody, or not what it was: it is transferred anew, and copied there again.
      await shared.delete(sha256)
      await store.hub.setShared(sha256, false)
      throw contentNotFound()
    }
    await this.change(sha256, async ({ hub }) => {
      await farm.admit(temp, { sha256, bytes })
      await hub.putContent({ sha256, bytes, verified: true })
    })
    await farm.discard(temp)
  }

  async #hasBytes(sha256: string, bytes: number): Promise<boolean> {
    const { store, farm } = this.#parts
    const row = await store.hub.find(sha256)
    return row?.state === 'present' && (await farm.size(sha256)) === bytes
  }
}

export const contentNotFound = (): AppError => notFound('content in the hub', 'CONTENT_NOT_FOUND')

function wrongContent(expected: string, found: string): AppError {
  const message = `The file is not what it was taken for: SHA-256 ${found} instead of ${expected}`
  return new AppError('conflict', message, { reason: 'HASH_MISMATCH', details: { expected, found } })
}

/** A file of the library is told from the store, so that both may be moved together. */
function relativeInside(farm: LinkFarm, sha256: string, file: string): string {
  return file.startsWith(`${farm.root}/`) ? relative(dirname(farm.blob(sha256)), file) : file
}
