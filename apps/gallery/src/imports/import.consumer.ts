import { consumeBatches } from '@easel/bus'
import { assetChanged, outputsMade } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { BlobStore } from '@easel/blobs'
import type { Bus, Delivery } from '@easel/bus'
import type { OutputsMade } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { AssetsRepository } from '../assets/assets.repository.ts'
import { toAssetView } from '../assets/asset-view.ts'
import { titleOfPrompt } from '../sessions/session-title.ts'
import { SessionTitlesRepository } from '../sessions/session-titles.repository.ts'
import { importedAssets } from './imported-assets.ts'
import type { GalleryMetrics } from '../metrics.ts'

export type ImportParts = {
  bus: Bus
  database: Database
  blobs: BlobStore
  metrics: GalleryMetrics
  log: Logger
  /** New contents wait for their thumbnails. */
  imported: () => void
}

/**
 * Outputs of settled jobs become assets, many jobs in one transaction. The id of an asset is that of the output, so a
 * fact that comes twice, or after a crash, adds nothing.
 */
export class ImportConsumer {
  private readonly parts: ImportParts

  constructor(parts: ImportParts) {
    this.parts = parts
  }

  start(): Promise<AsyncDisposable> {
    return consumeBatches(this.parts.bus, {
      consumer: 'gallery',
      facts: [outputsMade],
      trusted: true,
      maxBatch: 64,
      handle: (batch) => this.importBatch(batch as readonly Delivery<OutputsMade>[]),
    })
  }

  private async importBatch(batch: readonly Delivery<OutputsMade>[]): Promise<void> {
    const { log, metrics } = this.parts
    try {
      await this.importJobs(batch.map(({ payload }) => payload))
    } catch (cause) {
      if (AppError.from(cause).retryable) throw cause
      // One that cannot be stored must not hold up the others.
      for (const { payload } of batch) {
        try {
          await this.importJobs([payload])
        } catch (error) {
          if (AppError.from(error).retryable) throw error
          log.error({ err: error, jobId: payload.job.id }, 'the outputs of a job cannot be imported')
          metrics.refused()
        }
      }
    }
  }

  private async importJobs(made: readonly OutputsMade[]): Promise<void> {
    const { database, metrics, imported } = this.parts
    const perJob = await Promise.all(
      made.map((each) => importedAssets(each, (...at) => this.readHead(...at))),
    )
    const assets = perJob.flat()
    if (assets.length === 0) return
    const fresh = await database.transact(async (tx) => {
      const rows = await new AssetsRepository(tx).insert(assets)
      const titles = rows.flatMap(({ sessionId, prompt }) => {
        const title = prompt === null ? undefined : titleOfPrompt(prompt)
        return sessionId && title ? [{ sessionId, title }] : []
      })
      await new SessionTitlesRepository(tx).suggest(titles)
      await tx.outbox.addMany(
        assetChanged,
        rows.map((row) => ({ payload: { event: 'asset.created', asset: toAssetView(row) } })),
      )
      return rows
    })
    metrics.imported(fresh.length)
    if (fresh.length > 0) imported()
  }

  /** A blob that is away is told of when its thumbnail is made. */
  private async readHead(blob: string, bytes: number): Promise<Uint8Array> {
    try {
      return await this.parts.blobs.readBytes(blob, { start: 0, end: bytes - 1 })
    } catch (cause) {
      const { code } = AppError.from(cause)
      if (code === 'not_found' || code === 'invalid') return new Uint8Array()
      throw cause
    }
  }
}
