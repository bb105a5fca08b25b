import { publishLive } from '@easel/bus'
import type { Bus } from '@easel/bus'
import type { Logger } from '@easel/observability'
import type { DownloadsRepository } from './downloads.repository.ts'
import { toDownloadView } from './download-view.ts'
import type { DownloadRow, Progress } from './download-view.ts'

const tellMs = 250
/** The rest of what a download brings may be brought by other replicas: the database knows it by the second. */
const lookMs = 1_000
const mostFiles = 20

/**
 * Tells the space of each download how far it is, all of its files together, at most four times a second. Of the
 * replicas that bring files of one download, the one with its first file speaks. Lossy, like all that is live.
 */
export class DownloadFeed implements Disposable {
  readonly #parts: { bus: Bus; downloads: DownloadsRepository; log: Logger }
  readonly #progress = new Map<string, Progress>()
  #rows: readonly DownloadRow[] = []
  #lookedAt = -Infinity
  #looking = false
  #timer: NodeJS.Timeout | undefined

  constructor(parts: { bus: Bus; downloads: DownloadsRepository; log: Logger }) {
    this.#parts = parts
  }

  report(transferId: string, progress: Progress): void {
    if (!this.#progress.has(transferId)) this.#lookedAt = -Infinity
    this.#progress.set(transferId, progress)
    this.#timer ??= setInterval(() => void this.#tell(), tellMs)
  }

  end(transferId: string): void {
    this.#progress.delete(transferId)
    if (this.#progress.size === 0) this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #tell(): Promise<void> {
    if (performance.now() - this.#lookedAt >= lookMs) await this.#look()
    for (const row of this.#rows) {
      const first = row.files.find(
        ({ status, transferId }) => status === 'running' || this.#progress.has(transferId),
      )
      if (row.status === 'paused' || !first || !this.#progress.has(first.transferId)) continue
      const view = toDownloadView({ ...row, status: 'running' }, { progress: this.#progress, mostFiles })
      const data = view as unknown as Record<string, unknown>
      publishLive(this.#parts.bus, { spaceId: row.spaceId, channel: 'download-progress', key: row.id, data })
    }
  }

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      this.#rows = await this.#parts.downloads.listOfTransfers([...this.#progress.keys()])
      this.#lookedAt = performance.now()
    } catch (cause) {
      this.#parts.log.debug({ err: cause }, 'progress could not be told')
    } finally {
      this.#looking = false
    }
  }
}
