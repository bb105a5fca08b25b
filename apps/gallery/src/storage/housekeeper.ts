import type { BlobEntry, BlobStore } from '@easel/blobs'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import type { GalleryMetrics } from '../metrics.ts'
import { UnusedMediaRepository } from './unused-media.repository.ts'

export type HousekeeperParts = {
  database: Database
  blobs: BlobStore
  metrics: GalleryMetrics
  log: Logger
  settings: HousekeepingSettings
}

export type HousekeepingSettings = {
  /**
   * How long a content stays after its last asset. A worker that makes the same bytes again finds them there, and its
   * asset comes a moment later.
   */
  graceMs: number
  removeEveryMs: number
  sweepEveryMs: number
  /** A younger blob without a row belongs to an asset that is about to come. */
  orphanAgeMs: number
}

const batchSize = 500
/** Longer than the bus keeps a fact. */
const rememberDeletedDays = 30

/**
 * Removes contents that nothing refers to, and looks now and then for what a crash left behind. Every `blake3:` blob
 * in the store is the gallery's.
 */
export class Housekeeper implements AsyncDisposable {
  private readonly parts: HousekeeperParts
  private readonly timers: NodeJS.Timeout[] = []
  private running: Promise<void> = Promise.resolve()
  private stopped = false

  constructor(parts: HousekeeperParts) {
    this.parts = parts
  }

  start(): void {
    const { removeEveryMs, sweepEveryMs } = this.parts.settings
    this.every(removeEveryMs, () => this.removeUnused())
    this.every(sweepEveryMs, () => this.sweep())
  }

  /** Gives how many blobs went. */
  async removeUnused(): Promise<number> {
    let removed = 0
    for (
      let next = await this.removeNext();
      next !== 'none' && !this.stopped;
      next = await this.removeNext()
    ) {
      if (next === 'removed') removed += 1
    }
    this.parts.metrics.removed(removed)
    return removed
  }

  /** Marks contents and blobs that nothing refers to; `removeUnused` asks again before it removes them. */
  async sweep(): Promise<number> {
    const { database, blobs, settings, log } = this.parts
    const unused = new UnusedMediaRepository(database)
    let found = await unused.sweepMedia()
    const oldest = Date.now() - settings.orphanAgeMs
    let batch: BlobEntry[] = []
    for await (const entry of blobs.list('blake3:')) {
      if (this.stopped) return found
      if (entry.modifiedAt.getTime() <= oldest) batch.push(entry)
      if (batch.length < batchSize) continue
      found += await unused.sweepBlobs(batch)
      batch = []
    }
    if (batch.length > 0) found += await unused.sweepBlobs(batch)
    await unused.forgetDeleted(rememberDeletedDays)
    if (found > 0) log.info({ found }, 'found contents that nothing refers to')
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true
    for (const timer of this.timers) clearInterval(timer)
    await this.running
  }

  /** The blob goes before the commit: a crash between leaves a row that is tried again, never a blob without one. */
  private removeNext(): Promise<'removed' | 'kept' | 'none'> {
    const { database, blobs, settings } = this.parts
    return database.transact(async (tx) => {
      const unused = new UnusedMediaRepository(tx)
      const blob = await unused.claim(settings.graceMs)
      if (blob === undefined) return 'none'
      if (!(await unused.remove(blob))) return 'kept'
      await blobs.delete(blob)
      return 'removed'
    })
  }

  /** One after the other, never twice at a time. */
  private every(ms: number, work: () => Promise<unknown>): void {
    let waiting = false
    const turn = async () => {
      waiting = false
      if (this.stopped) return
      try {
        await work()
      } catch (cause) {
        this.parts.log.warn({ err: cause }, 'housekeeping failed and is tried again')
      }
    }
    const timer = setInterval(() => {
      if (waiting) return
      waiting = true
      this.running = this.running.then(turn)
    }, ms)
    this.timers.push(timer.unref())
  }
}
