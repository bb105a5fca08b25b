import type { FoundFile, Placed, Placement, SoughtFile, VerifiedFile } from '../transfers/placement.ts'
import type { HubContents } from './hub-contents.ts'
import type { HubRoom } from './hub-room.ts'
import type { DownloaderStore } from '../downloader.store.ts'

export type HubPlacementParts = { contents: HubContents; room: HubRoom; store: DownloaderStore }

/**
 * Finished files become contents of the hub and get a link as their name. Between any two steps the process may die:
 * bytes → row and lease → shared store → link → name. What is there then is whole, and `place` carries on.
 */
export class HubPlacement implements Placement {
  readonly #parts: HubPlacementParts

  constructor(parts: HubPlacementParts) {
    this.#parts = parts
  }

  async find(sought: SoughtFile, signal: AbortSignal): Promise<FoundFile | undefined> {
    const { contents, room } = this.#parts
    const { folder, filename, sha256, bytes } = sought
    if (sha256 === null) {
      if (filename !== null) await contents.requireName(`${folder}/${filename}`, bytes)
      if (bytes !== null) await room.require(bytes)
      return undefined
    }
    const known = await contents.find(sha256)
    if (!known && bytes !== null) await room.require(bytes)
    if (filename === null) return undefined
    const path = `${folder}/${filename}`
    const size = known?.bytes ?? bytes
    if (size !== null && (await contents.hasEqual(path, { sha256, bytes: size }, signal))) {
      return { path, sha256, bytes: size }
    }
    if (known) {
      // Evicted between the two looks: then it is transferred.
      const linked = await contents.link(sha256, { folder, filename, signal }).catch(unlessGone)
      if (linked) return linked
    }
    return undefined
  }

  async place(partialPath: string, file: VerifiedFile, signal: AbortSignal): Promise<Placed> {
    const { contents, store } = this.#parts
    const { folder, filename, sha256, bytes, transferId } = file
    const path = `${folder}/${filename}`
    if (await contents.hasEqual(path, { sha256, bytes }, signal)) return { path }
    const holder = holderOf(transferId)
    await contents.keep(partialPath, { sha256, bytes, holder })
    await contents.name(path, sha256, transferId)
    await store.hub.release(holder)
    return { path }
  }

  async remove(_partialPath: string, file: VerifiedFile): Promise<void> {
    const { contents, store, room } = this.#parts
    const { transferId, sha256 } = file
    await contents.unname(transferId, sha256)
    await store.hub.release(holderOf(transferId))
    // Nobody else's name: the bytes go, too, unless somebody needs them.
    if ((await store.hub.find(sha256))?.paths.length === 0) await room.evict(sha256, 0)
  }
}

const holderOf = (transferId: string): string => `transfer ${transferId}`

function unlessGone(cause: unknown): undefined {
  if ((cause as { reason?: string }).reason !== 'CONTENT_NOT_FOUND') throw cause
}
