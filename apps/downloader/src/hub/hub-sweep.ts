import type { LinkFarm } from '@easel/blobs'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import type { DownloaderStore, DownloaderTx } from '../downloader.store.ts'
import type { HubContents } from './hub-contents.ts'
import { tellContent } from './hub-view.ts'
import type { HubRoom } from './hub-room.ts'
import type { ContentRow } from './hub.repository.ts'

export type SweepParts = {
  store: DownloaderStore
  farm: LinkFarm
  contents: HubContents
  room: HubRoom
  log: Logger
  /** There is a store of nodes that what is kept here is copied to. */
  shares: boolean
}

const pageSize = 200
const tempMs = 24 * 60 * 60_000
const badMs = 7 * 24 * 60 * 60_000

/**
 * Brings files and rows of the hub together again, after crashes and after changes by hand:
 * bytes without a row get one · rows without bytes are `lost`, with others `bad` · what is lost and there again is
 * present · links without a row get one, or go if they lead nowhere · rows whose link somebody removed or replaced go.
 */
export class HubSweep {
  readonly #parts: SweepParts

  constructor(parts: SweepParts) {
    this.#parts = parts
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, farm, room } = this.#parts
    await farm.sweepTemp({ tempMs, badMs })
    for await (const files of inPages(farm.list(), pageSize)) {
      if (signal.aborted) return
      const known = new Set(
        (await store.hub.findMany(files.map(({ sha256 }) => sha256))).map((row) => row.sha256),
      )
      for (const { sha256 } of files) if (!known.has(sha256)) await this.#addRow(sha256)
    }
    for (let last = ''; ;) {
      const rows = await store.hub.after(last, pageSize)
      for (const row of rows) {
        if (signal.aborted) return
        await this.examine(row)
      }
      if (rows.length < pageSize) break
      last = rows.at(-1)!.sha256
    }
    for await (const { name, sha256 } of farm.links()) {
      if (signal.aborted) return
      if ((await store.hub.findName(name))?.sha256 !== sha256) await this.#settleLink(name, sha256)
    }
    await store.hub.removeExpiredLeases()
    await this.#share(signal)
    await room.trim()
  }

  /** Looks without a lock, and again with it before anything is changed. */
  async examine(row: ContentRow): Promise<void> {
    const { farm, room } = this.#parts
    const { sha256, state } = row
    const bytes = await farm.size(sha256)
    if (state === 'evicted') return bytes === undefined ? undefined : await room.finish(sha256)
    if (state === 'bad' || (state === 'lost' && bytes !== Number(row.bytes))) return
    if (state === 'lost') return await this.#bringBack(sha256)
    if (bytes !== Number(row.bytes)) return await this.#setAside(sha256)
    for (const path of row.paths) {
      if ((await farm.occupant(sha256, path))?.kind === 'ours') continue
      await this.#locked(sha256, async ({ hub }) => {
        const isThere = (await farm.occupant(sha256, path))?.kind === 'ours'
        // Removed or replaced by hand: what somebody did away with does not come again.
        if (!isThere && (await farm.size(sha256)) !== undefined) await hub.removeName(path, sha256)
      })
    }
  }

  /** The bytes are gone, or fewer: nobody is given them. */
  async #setAside(sha256: string): Promise<void> {
    const { farm, log } = this.#parts
    await this.#locked(sha256, async (tx) => {
      const row = await tx.hub.find(sha256)
      const bytes = await farm.size(sha256)
      if (row?.state !== 'present' || bytes === Number(row.bytes)) return
      const state = bytes === undefined ? 'lost' : 'bad'
      log.error({ sha256, expected: row.bytes, found: bytes ?? null }, `a content of the hub is ${state}`)
      await removeBytes(farm, row)
      await tx.hub.setState(sha256, state)
      await tellContent(tx, sha256, `hub.content-${state}`)
    })
  }

  async #bringBack(sha256: string): Promise<void> {
    const { farm } = this.#parts
    await this.#locked(sha256, async (tx) => {
      const row = await tx.hub.find(sha256)
      if (row?.state !== 'lost' || (await farm.size(sha256)) !== Number(row.bytes)) return
      const { external, paths } = row
      await tx.hub.putContent({ sha256, bytes: Number(row.bytes), external, verified: false })
      for (const path of paths) await this.#linkAgain(tx, path, sha256)
    })
  }

  async #linkAgain({ hub }: DownloaderTx, path: string, sha256: string): Promise<void> {
    try {
      await this.#parts.farm.link(sha256, path)
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.reason !== 'FILE_EXISTS') throw cause
      await hub.removeName(path, sha256)
    }
  }

  async #addRow(sha256: string): Promise<void> {
    const { farm } = this.#parts
    await this.#locked(sha256, async ({ hub }) => {
      if (await hub.find(sha256)) return
      const bytes = await farm.size(sha256)
      // A pointer to somebody's file that is gone.
      if (bytes === undefined) return await farm.drop(sha256)
      await hub.putContent({ sha256, bytes, external: await farm.isExternal(sha256), verified: false })
    })
  }

  async #settleLink(path: string, sha256: string): Promise<void> {
    const { farm } = this.#parts
    await this.#locked(sha256, async ({ hub }) => {
      const row = await hub.find(sha256)
      const isWhole = row?.state === 'present' && (await farm.occupant(sha256, path))?.kind === 'ours'
      if (isWhole) await hub.putName({ path, sha256 })
      else if ((await farm.size(sha256)) === undefined) await farm.unlink(sha256, path)
    })
  }

  async #share(signal: AbortSignal): Promise<void> {
    const { store, contents, shares, log } = this.#parts
    if (!shares) return
    for (const sha256 of await store.hub.unshared(pageSize)) {
      if (signal.aborted) return
      try {
        await contents.share(sha256, signal)
      } catch (cause) {
        log.warn({ err: cause, sha256 }, 'a content was not copied to the store of the nodes')
      }
    }
  }

  #locked(sha256: string, work: (tx: DownloaderTx) => Promise<void>): Promise<void> {
    return this.#parts.contents.change(sha256, work)
  }
}

/** Wrong bytes of ours are kept aside; a file of somebody else's is only let go of. */
export async function removeBytes(farm: LinkFarm, row: ContentRow): Promise<void> {
  for (const path of row.paths) await farm.unlink(row.sha256, path)
  if (row.external) await farm.drop(row.sha256)
  else await farm.quarantine(row.sha256)
}

async function* inPages<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let page: T[] = []
  for await (const item of items) {
    page.push(item)
    if (page.length < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
