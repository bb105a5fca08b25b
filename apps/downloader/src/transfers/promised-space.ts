import type { DownloaderStore } from '../downloader.store.ts'
import { bytesToTake } from './disk-space.ts'
import type { DiskSpace, Promised } from './disk-space.ts'
import type { TransferFiles } from './transfer-files.ts'
import type { PromisedRow } from './claims.repository.ts'
import type { Claim, TransfersRepository } from './transfers.repository.ts'

export type PromisedSpaceParts = {
  store: DownloaderStore
  files: TransferFiles
  space: DiskSpace
  /** Of the hub. */
  budget: (bytes: number, promised: Promised) => Promise<void>
}

/**
 * Ten transfers that look at the disk before any of them has written anything all find it empty. So each is promised
 * its bytes, one after the other, and counts what the others will still write: on the disk, of files that lie on
 * this one; in the budget, of all.
 */
export class PromisedSpace {
  readonly #parts: PromisedSpaceParts
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: PromisedSpaceParts) {
    this.#parts = parts
  }

  /** For a request: nothing is promised yet. */
  async require(bytes: number): Promise<void> {
    const { store, space } = this.#parts
    await space.require(bytes, await this.#onDisk(await store.claims.listPromised(null)))
  }

  /** The space as one claim sees it, whose length is noted; what it was promised is its own until the claim ends. */
  of(claim: Claim): DiskSpace {
    const { store, space, budget } = this.#parts
    const promise = (bytes: number) =>
      store.transact(async ({ transfers, claims }) => {
        await claims.lockPromises()
        const others = await claims.listPromised(claim.id)
        await space.require(bytes, await this.#onDisk(others))
        await budget(await lengthOf(transfers, claim), inBudget(others))
        await claims.notePromised(claim)
      })
    return { require: (bytes) => this.#inTurn(() => promise(bytes)) }
  }

  /** Those that waited for the lock would hold the connections that its holder needs for the budget. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #onDisk(others: readonly PromisedRow[]): Promise<Promised> {
    const promised = { bytes: 0, transfers: 0 }
    for (const { id, epoch, bytesTotal } of others) {
      const path = await this.#parts.files.find({ id, epoch })
      if (path === undefined) continue
      promised.bytes += await bytesToTake(path, Number(bytesTotal ?? 0))
      promised.transfers += 1
    }
    return promised
  }
}

async function lengthOf(transfers: TransfersRepository, { id }: Claim): Promise<number> {
  return Number((await transfers.find(id))?.bytesTotal ?? 0)
}

/** What is verified is the hub's in a moment, or already. */
function inBudget(others: readonly PromisedRow[]): Promised {
  const coming = others.filter(({ status }) => status === 'running')
  const bytes = coming.reduce((sum, { bytesTotal }) => sum + Number(bytesTotal ?? 0), 0)
  return { bytes, transfers: coming.length }
}
