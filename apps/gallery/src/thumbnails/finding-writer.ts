import { assetChanged } from '@easel/contracts'
import type { Database } from '@easel/database'
import { AssetsRepository } from '../assets/assets.repository.ts'
import { toAssetView } from '../assets/asset-view.ts'
import { MediaRepository } from './media.repository.ts'
import type { Finding } from './media.repository.ts'

type Entry = { finding: Finding; written: PromiseWithResolvers<void> }

/** Facts of one content that many assets share go out in one transaction. */
const maxAssets = 1_000
const maxBatch = 50
/** A finding waits so long for others that are about to come. */
const gatherMs = 100

/**
 * Writes what was found of contents, many in one transaction: those that come while it waits or writes make the next
 * one. A transaction for each cost more than the thumbnails of small pictures.
 */
export class FindingWriter {
  private readonly database: Database
  private waiting: Entry[] = []
  private writing = false
  private timer: NodeJS.Timeout | undefined

  constructor(database: Database) {
    this.database = database
  }

  /** Resolves when it is durable. `urgent`, or `flush`, ends the wait for others. */
  add(finding: Finding, { urgent = false } = {}): Promise<void> {
    const written = Promise.withResolvers<void>()
    this.waiting.push({ finding, written })
    if (urgent || this.waiting.length >= maxBatch) this.flush()
    else this.timer ??= setTimeout(() => this.flush(), gatherMs)
    return written.promise
  }

  /** No more are about to come. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (!this.writing) void this.writeAll()
  }

  private async writeAll(): Promise<void> {
    this.writing = true
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, maxBatch)
      try {
        await this.write(batch.map(({ finding }) => finding))
        for (const { written } of batch) written.resolve()
      } catch (cause) {
        for (const { written } of batch) written.reject(cause)
      }
    }
    this.writing = false
  }

  private write(findings: readonly Finding[]): Promise<void> {
    return this.database.transact(async (tx) => {
      const changed = await new MediaRepository(tx).finish(findings)
      if (changed.length === 0) return
      const rows = await new AssetsRepository(tx).findOfBlobs(changed, maxAssets)
      await tx.outbox.addMany(
        assetChanged,
        rows.map((each) => ({ payload: { event: 'asset.updated', asset: toAssetView(each) } })),
      )
    })
  }
}
