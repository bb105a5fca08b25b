import type { LinkFarm } from '@easel/blobs'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import type { DownloaderStore, DownloaderTx } from '../downloader.store.ts'
import { inWords } from '../transfers/disk-space.ts'
import type { Promised } from '../transfers/disk-space.ts'

export type RoomParts = {
  store: DownloaderStore
  farm: LinkFarm
  log: Logger
  /** How many bytes the hub may take; null: as many as the disk has. */
  budget: () => Promise<number | null>
  /** What was used since then is not evicted. */
  recentMs: number
  /** Contents without a name are kept for so long. */
  namelessMs: number
}

/**
 * Keeps the hub within its budget: what was used longest ago goes first, and never what is pinned, in use, just used,
 * or somebody else's file. Eviction is told in the database first, then links and bytes go: a crash in between is
 * carried on by the sweep, and nobody is told of bytes that are gone.
 */
export class HubRoom {
  readonly #parts: RoomParts
  #making: Promise<unknown> = Promise.resolve()

  constructor(parts: RoomParts) {
    this.#parts = parts
  }

  /**
   * `exhausted` / `DISK_FULL` when so many bytes cannot be made room for, beside what others have been promised.
   * Evicts nothing.
   */
  async require(bytes: number, promised: Promised = { bytes: 0, transfers: 0 }): Promise<void> {
    const budget = await this.#parts.budget()
    if (budget === null) return
    const { hub } = this.#parts.store
    const used = await hub.used()
    const needed = bytes + promised.bytes
    if (used + needed <= budget) return
    const kept = used - (await hub.evictableBytes(this.#parts.recentMs))
    if (kept + needed > budget) throw overBudget({ budget, kept, bytes }, promised)
  }

  /** Evicts until so many bytes fit; one at a time, so that two do not both evict for the same need. */
  async make(bytes: number): Promise<void> {
    const making = this.#making.then(() => this.#make(bytes))
    this.#making = making.catch(() => undefined)
    await making
  }

  /** After the budget was lowered, and for what nobody names any more. */
  async trim(): Promise<void> {
    const { store, recentMs, namelessMs } = this.#parts
    for (;;) {
      const victim = await store.hub.nextVictim(recentMs, namelessMs)
      if (victim === undefined || !(await this.evict(victim, recentMs))) break
    }
    const budget = await this.#parts.budget()
    while (budget !== null && (await store.hub.used()) > budget) if (!(await this.#evictNext())) return
  }

  /** False when it has come into use. */
  async evict(sha256: string, recentMs: number): Promise<boolean> {
    const { store, log } = this.#parts
    const marked = await this.#locked(sha256, ({ hub }) => hub.markEvicted(sha256, recentMs))
    if (!marked) return false
    await this.finish(sha256)
    log.info(
      { sha256, bytes: (await store.hub.find(sha256))?.bytes },
      'a model file was evicted from the hub',
    )
    return true
  }

  /** Removes links and bytes of what is marked as evicted, unless it has come back meanwhile. */
  async finish(sha256: string): Promise<void> {
    const { farm } = this.#parts
    await this.#locked(sha256, async ({ hub }) => {
      const row = await hub.find(sha256)
      if (row?.state !== 'evicted') return
      for (const path of row.paths) await farm.unlink(sha256, path)
      await farm.drop(sha256)
    })
  }

  async #make(bytes: number): Promise<void> {
    await this.require(bytes)
    const budget = await this.#parts.budget()
    if (budget === null) return
    for (;;) {
      const used = await this.#parts.store.hub.used()
      if (used + bytes <= budget) return
      if (!(await this.#evictNext())) throw overBudget({ budget, kept: used, bytes })
    }
  }

  /** False when nothing can go. */
  async #evictNext(): Promise<boolean> {
    const { store, recentMs } = this.#parts
    for (let attempt = 0; attempt < 3; attempt++) {
      const victim = await store.hub.nextVictim(recentMs)
      if (victim === undefined) return false
      if (await this.evict(victim, recentMs)) return true
    }
    return false
  }

  #locked<T>(sha256: string, work: (tx: DownloaderTx) => Promise<T>): Promise<T> {
    return this.#parts.store.transact(async (tx) => {
      await tx.hub.lock(sha256)
      return await work(tx)
    })
  }
}

function overBudget(
  details: { budget: number; kept: number; bytes: number },
  { bytes, transfers }: Promised = { bytes: 0, transfers: 0 },
): AppError {
  const others = transfers === 0 ? '' : `, and transfers under way (${transfers}) will take ${inWords(bytes)}`
  const message = `The disk budget of the models does not allow it: all that is kept is pinned or in use${others}`
  return new AppError('exhausted', message, { reason: 'DISK_FULL', details })
}
