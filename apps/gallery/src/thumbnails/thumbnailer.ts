import { performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '@easel/protocol'
import type { BlobStore } from '@easel/blobs'
import type { ThumbnailSize } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { examine } from './examine.ts'
import { FindingWriter } from './finding-writer.ts'
import { MediaRepository } from './media.repository.ts'
import { Slots } from './slots.ts'
import type { GalleryMetrics } from '../metrics.ts'
import type { Content, Examined } from './examine.ts'
import type { Finding, MediaRow, Picture } from './media.repository.ts'
import type { Programs } from './video.ts'

export type ThumbnailerParts = {
  database: Database
  blobs: BlobStore
  metrics: GalleryMetrics
  log: Logger
  programs: Programs
  /** How long a claim holds; longer than any `claimed` contents may take. */
  leaseMs: number
}

const atOnce = 2
/** Contents in one claim. */
const claimed = 16
const pollMs = 2_000
const retryMs = 10_000
/** What took its process down so often is left alone. */
const maxTries = 4
/** Of this share of the time or more this process is busy: thumbnails that nobody waits for then take a fifth of it. */
const busyFrom = 0.8
const restFactor = 4
const maxRestMs = 2_000

/** What a page of many shows is made for every content; a larger one when somebody asks for it. */
const first: readonly ThumbnailSize[] = [256]

/**
 * Makes thumbnails of contents that are `pending`, two at a time, oldest first; who waits for one goes before, and in
 * a busy process all else does. A content is claimed for a while, so that another replica takes over what a dead one
 * had.
 */
export class Thumbnailer implements AsyncDisposable {
  private readonly parts: ThumbnailerParts
  private readonly media: MediaRepository
  private readonly slots = new Slots(atOnce)
  private readonly making = new Map<string, Promise<Finding>>()
  private readonly stopping = new AbortController()
  private readonly findings: FindingWriter
  private running: Promise<void> = Promise.resolve()
  private rouse: (() => void) | undefined
  private due = false
  /** By a failure that is told of already. */
  private held = false
  private hinted = false

  constructor(parts: ThumbnailerParts) {
    this.parts = parts
    this.media = new MediaRepository(parts.database)
    this.findings = new FindingWriter(parts.database)
  }

  start(): void {
    this.running = this.loop()
  }

  /** There may be something to do. */
  wake(): void {
    this.due = true
    this.rouse?.()
  }

  /** Makes one now, ahead of all that wait, if there can be one. */
  async ensure(blob: string, size: ThumbnailSize): Promise<void> {
    const row = await this.media.find(blob)
    if (row?.state !== 'pending' && row?.state !== 'ready') return
    const sizes = row.state === 'pending' ? [...new Set([...first, size])] : [size]
    const finding = await this.make(row, sizes, { urgent: true })
    await this.findings.add(finding, { urgent: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping.abort()
    this.wake()
    await this.running
    await Promise.allSettled(this.making.values())
  }

  private async loop(): Promise<void> {
    const { log, leaseMs } = this.parts
    while (!this.stopping.signal.aborted) {
      // What comes from here on is not seen by this look.
      this.due = false
      try {
        const rows = await this.media.claim(leaseMs, claimed)
        this.held = false
        if (rows.length > 0) await this.makeAll(rows)
        else if (!this.due) await this.sleep()
      } catch (cause) {
        if (!this.held) log.warn({ err: cause }, 'thumbnails have to wait')
        this.held = true
        await this.sleep()
      }
    }
  }

  private async makeAll(rows: readonly MediaRow[]): Promise<void> {
    const began = performance.now()
    const before = performance.eventLoopUtilization()
    const making = rows.map((row) => this.makeClaimed(row))
    // Heard at once: the write of one may fail while another is still being made.
    const writing = Promise.allSettled(making.map(async (finding) => this.findings.add(await finding)))
    await Promise.allSettled(making)
    this.findings.flush()
    const outcomes = await writing
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    if (performance.eventLoopUtilization(before).utilization < busyFrom) return
    await this.rest(Math.min(restFactor * (performance.now() - began), maxRestMs))
  }

  private async makeClaimed(row: MediaRow): Promise<Finding> {
    if (row.tries <= maxTries) return this.make(row, first, { urgent: false })
    const reason = `it was tried ${maxTries} times`
    const facts = { mime: null, width: null, height: null, durationSeconds: null, hasAudio: null }
    return this.findingOf(row, { state: 'failed', facts, images: [], reason })
  }

  private make(
    row: MediaRow,
    sizes: readonly ThumbnailSize[],
    { urgent }: { urgent: boolean },
  ): Promise<Finding> {
    const key = `${row.blob} ${sizes.join(' ')}`
    const running = this.making.get(key)
    if (running) return running
    const work = this.slots
      .run(() => this.makeNow(row, sizes), { urgent })
      .finally(() => this.making.delete(key))
    this.making.set(key, work)
    return work
  }

  private async makeNow(row: MediaRow, sizes: readonly ThumbnailSize[]): Promise<Finding> {
    const { programs, metrics, log } = this.parts
    const started = performance.now()
    const examined = await this.examineStored(row, sizes)
    if (examined.reason === 'FFMPEG_MISSING' && !this.hinted) {
      this.hinted = true
      log.warn({ programs }, 'no posters of videos: ffmpeg and ffprobe are not installed')
    }
    const finding = await this.findingOf(row, examined)
    metrics.thumbnails(examined.state, (performance.now() - started) / 1000)
    return finding
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

  private async findingOf(row: Content, { state, facts, images, reason }: Examined): Promise<Finding> {
    if (state === 'failed') {
      this.parts.log.info({ blob: row.blob, mime: row.mime, reason }, 'a content has no thumbnail')
    }
    return { blob: row.blob, state, facts, pictures: await this.store(images) }
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

  /** Until there may be something to do. */
  private async sleep(): Promise<void> {
    if (this.stopping.signal.aborted) return
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.rouse = undefined
        resolve()
      }
      const timer = setTimeout(end, pollMs)
      this.rouse = end
    })
  }

  private async rest(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined)
  }
}

const lost: Examined = {
  state: 'failed',
  facts: { mime: null, width: null, height: null, durationSeconds: null, hasAudio: null },
  images: [],
  reason: 'its bytes are not in the store',
}
