import type { LinkFarm } from '@easel/blobs'
import { join } from 'node:path'
import type { BusLog } from '@easel/bus'
import { AppError } from '@easel/protocol'
import { lockFile } from './content-lock.ts'
import type { HeldContents } from './held-contents.ts'
import type { UsedContents } from './used-contents.ts'

const lockMs = 2_000

export type CacheRoomParts = {
  farm: LinkFarm
  used: UsedContents
  held: HeldContents
  /** null: no limit. */
  maxBytes: number | null
  recentMs: number
  log: BusLog
}

/** Keeps fetched models within their budget: what was used longest ago goes first, what any worker uses stays. */
export class CacheRoom {
  readonly #parts: CacheRoomParts
  /** For what is being fetched. */
  #promised = 0
  #making: Promise<unknown> = Promise.resolve()

  constructor(parts: CacheRoomParts) {
    this.#parts = parts
  }

  /** What a crash left without a note of its use counts as just used. */
  async adopt(): Promise<void> {
    const { farm, used } = this.#parts
    const names = Map.groupBy(await Array.fromAsync(farm.links()), ({ sha256 }) => sha256)
    for await (const { sha256 } of farm.list()) {
      if (await used.find(sha256)) continue
      await used.note(sha256)
      for (const { name } of names.get(sha256) ?? []) await used.note(sha256, name)
    }
    for (const { sha256, name } of [...names.values()].flat()) {
      if ((await farm.size(sha256)) === undefined) await farm.unlink(sha256, name)
    }
  }

  /** The room is the caller's until it is disposed of; by then the bytes are there, or not. */
  async make(bytes: number): Promise<Disposable> {
    const making = this.#making.then(() => this.#make(bytes))
    this.#making = making.catch(() => undefined)
    await making
    this.#promised += bytes
    return { [Symbol.dispose]: () => void (this.#promised -= bytes) }
  }

  async #make(bytes: number): Promise<void> {
    const { maxBytes, used, held, recentMs } = this.#parts
    if (maxBytes === null) return
    let over = (await this.#takenBytes()) + this.#promised + bytes - maxBytes
    if (over <= 0) return
    for (const { sha256, usedAt } of await used.list()) {
      if (usedAt > Date.now() - recentMs || (await held.isHeld(sha256))) continue
      over -= await this.#evict(sha256)
      if (over <= 0) return
    }
    throw new AppError('exhausted', 'The models of jobs that run leave no room for it', {
      reason: 'DISK_FULL',
    })
  }

  async #evict(sha256: string): Promise<number> {
    const { farm, used, held, recentMs, log } = this.#parts
    // Whoever has it may wait for one of ours.
    const lock = await lockFile(
      join(farm.store, 'temp', `${sha256}.lock`),
      AbortSignal.timeout(lockMs),
    ).catch(() => undefined)
    if (!lock) return 0
    await using _lock = lock
    const content = await used.find(sha256)
    // Another worker has come to need it while the lock was waited for.
    if (!content || content.usedAt > Date.now() - recentMs || (await held.isHeld(sha256))) return 0
    const bytes = (await farm.isExternal(sha256)) ? 0 : ((await farm.size(sha256)) ?? 0)
    for (const name of content.names) await farm.unlink(sha256, name)
    await farm.drop(sha256)
    await used.remove(sha256)
    log.info({ sha256, bytes }, 'a model was evicted from this node')
    return bytes
  }

  async #takenBytes(): Promise<number> {
    let taken = 0
    for await (const { bytes, external } of this.#parts.farm.list())
      if (!external && bytes > 0) taken += bytes
    return taken
  }
}
