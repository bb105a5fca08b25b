import { Readable } from 'node:stream'
import { assetChanged } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { BlobStore } from '@easel/blobs'
import type { ThumbnailSize } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { AssetsRepository } from '../assets/assets.repository.ts'
import { toAssetView } from '../assets/asset-view.ts'
import { examine } from './examine.ts'
import { MediaRepository } from './media.repository.ts'
import { Slots } from './slots.ts'
import type { GalleryMetrics } from '../metrics.ts'
import type { Content, Examined } from './examine.ts'
import type { MediaRow, Picture } from './media.repository.ts'
import type { Programs } from './video.ts'

export type ThumbnailerParts = {
  database: Database
  blobs: BlobStore
  metrics: GalleryMetrics
  log: Logger
  programs: Programs
  /** How long a claim holds; longer than any content may take. */
  leaseMs: number
}

const atOnce = 2
const pollMs = 2_000
const retryMs = 10_000
/** What took its process down so often is left alone. */
const maxTries = 4
/** Facts of one content that many assets share go out in one transaction. */
const maxAssets = 1_000

/** What a page of many shows is made for every content; a larger one when somebody asks for it. */
const first: readonly ThumbnailSize[] = [256]

/**
 * Makes thumbnails of contents that are `pending`, two at a time, oldest first; who waits for one goes before. A
 * content is claimed for a while, so that another replica takes over what a dead one had.
 */
export class Thumbnailer implements AsyncDisposable {
  private readonly parts: ThumbnailerParts
  private readonly media: MediaRepository
  private readonly slots = new Slots(atOnce)
  private readonly making = new Map<string, Promise<void>>()
  private readonly stopping = new AbortController()
  private readonly loops: Promise<void>[] = []
  private readonly sleepers = new Set<() => void>()
  private due = false
  /** By a failure that is told of already. */
  private held = false
  private hinted = false

  constructor(parts: ThumbnailerParts) {
    this.parts = parts
    this.media = new MediaRepository(parts.database)
  }

  start(): void {
    for (let i = 0; i < atOnce; i++) this.loops.push(this.loop())
  }

  /** There may be something to do. */
  wake(): void {
    this.due = true
    for (const rouse of this.sleepers) rouse()
  }

  /** Makes one now, ahead of all that wait, if there can be one. */
  async ensure(blob: string, size: ThumbnailSize): Promise<void> {
    const row = await this.media.find(blob)
    if (row?.state === 'pending') await this.make(row, [...new Set([...first, size])], { urgent: true })
    if (row?.state === 'ready') await this.make(row, [size], { urgent: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping.abort()
    this.wake()
    await Promise.all(this.loops)
    await Promise.allSettled(this.making.values())
  }

  private async loop(): Promise<void> {
    const { log, leaseMs } = this.parts
    while (!this.stopping.signal.aborted) {
      // What comes from here on is not seen by this look.
      this.due = false
      try {
        const row = await this.media.claim(leaseMs)
        this.held = false
        if (row) await this.makeClaimed(row)
        else if (!this.due) await this.sleep()
      } catch (cause) {
        if (!this.held) log.warn({ err: cause }, 'thumbnails have to wait')
        this.held = true
        await this.sleep()
      }
    }
  }

  private async makeClaimed(row: MediaRow): Promise<void> {
    if (row.tries <= maxTries) {
      await this.make(row, first, { urgent: false })
      return
    }
    const reason = `it was tried ${maxTries} times`
    const facts = { mime: null, width: null, height: null, durationSeconds: null, hasAudio: null }
    await this.finish(row, { state: 'failed', facts, images: [], reason })
  }

  private make(
    row: MediaRow,
    sizes: readonly ThumbnailSize[],
    { urgent }: { urgent: boolean },
  ): Promise<void> {
    const key = `${row.blob} ${sizes.join(' ')}`
    const running = this.making.get(key)
    if (running) return running
    const work = this.slots
      .run(() => this.makeNow(row, sizes), { urgent })
      .finally(() => this.making.delete(key))
    this.making.set(key, work)
    return work
  }

  private async makeNow(row: MediaRow, sizes: readonly ThumbnailSize[]): Promise<void> {
    const { programs, metrics, log } = this.parts
    const started = performance.now()
    const examined = await this.examineStored(row, sizes)
    if (examined.reason === 'FFMPEG_MISSING' && !this.hinted) {
      this.hinted = true
      log.warn({ programs }, 'no posters of videos: ffmpeg and ffprobe are not installed')
    }
    await this.finish(row, examined)
    metrics.thumbnails(examined.state, (performance.now() - started) / 1000)
  }

  private async examineStored(content: MediaRow, sizes: readonly ThumbnailSize[]): Promise<Examined> {
    const { blobs, programs } = this.parts
    try {
      return await examine(blobs, programs, { content, sizes })
    } catch (cause) {
      if (AppError.from(cause).code === 'not_found') return lost
      await this.media.postpone(content.blob, retryMs)
      throw cause
    }
  }

  private async finish(row: Content, { state, facts, images, reason }: Examined): Promise<void> {
    const { database, log } = this.parts
    if (state === 'failed') log.info({ blob: row.blob, mime: row.mime, reason }, 'a content has no thumbnail')
    const pictures = await this.store(images)
    await database.transact(async (tx) => {
      const changed = await new MediaRepository(tx).finish(row.blob, { state, facts, pictures })
      if (!changed) return
      const rows = await new AssetsRepository(tx).findOfBlob(row.blob, maxAssets)
      await tx.outbox.addMany(
        assetChanged,
        rows.map((each) => ({ payload: { event: 'asset.updated', asset: toAssetView(each) } })),
      )
    })
  }

  private async store(images: Examined['images']): Promise<Picture[]> {
    const { blobs } = this.parts
    const keys = new Map<Buffer, string>()
    const pictures: Picture[] = []
    for (const { size, data, width, height } of images) {
      const key =
        keys.get(data) ?? (await blobs.put(Readable.from([data]), { contentType: 'image/webp' })).key
      keys.set(data, key)
      pictures.push({ size, blob: key, bytes: data.length, width, height })
    }
    return pictures
  }

  private async sleep(): Promise<void> {
    if (this.stopping.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(end, pollMs)
      const sleepers = this.sleepers
      function end() {
        clearTimeout(timer)
        sleepers.delete(end)
        resolve()
      }
      sleepers.add(end)
    })
  }
}

const lost: Examined = {
  state: 'failed',
  facts: { mime: null, width: null, height: null, durationSeconds: null, hasAudio: null },
  images: [],
  reason: 'its bytes are not in the store',
}
