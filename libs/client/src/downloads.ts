import { EaselError } from './easel-error.ts'
import { pause } from './events.ts'
import type { CallOptions, Connection } from './connection.ts'
import type {
  ActedOnDownloads,
  ActOnDownloads,
  CreateDownload,
  DownloadPage,
  DownloadSettings,
  DownloadView,
  GetDownloadsQuery,
  UpdateDownloadSettings,
} from './api-schemas.ts'

export type WaitForDownload = {
  readonly signal?: AbortSignal
  /** The download as it is, about twice a second. */
  readonly onProgress?: (download: DownloadView) => void
}

const lookMs = 500
const longestPauseMs = 10_000

export class Downloads {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** By `url` with `folder`, or by `source` and what it needs: see `CreateDownload`. */
  create(download: CreateDownload, options: CallOptions = {}): Promise<DownloadView> {
    return this.#connection.json('POST', '/api/downloads', { json: download, ...options })
  }

  /** The download when it has ended, however it ended. Survives lost connections. */
  async wait(id: string, { signal, onProgress }: WaitForDownload = {}): Promise<DownloadView> {
    for (let failures = 0; ;) {
      signal?.throwIfAborted()
      try {
        const download = await this.get(id)
        failures = 0
        onProgress?.(download)
        if (isDownloaded(download)) return download
      } catch (cause) {
        if (!isPassing(cause)) throw cause
        failures++
      }
      await pause(Math.min(longestPauseMs, lookMs * 2 ** failures), signal)
    }
  }

  list(query: GetDownloadsQuery = {}): Promise<DownloadPage> {
    return this.#connection.json('GET', '/api/downloads', { query })
  }

  get(id: string): Promise<DownloadView> {
    return this.#connection.json('GET', pathOf(id))
  }

  /** -10 to 10; a higher one goes first. */
  setPriority(id: string, priority: number): Promise<DownloadView> {
    return this.#connection.json('PATCH', pathOf(id), { json: { priority } })
  }

  /** Many at once: all of the space that the action fits, unless some are named. */
  act(act: ActOnDownloads): Promise<ActedOnDownloads> {
    return this.#connection.json('POST', '/api/downloads/actions', { json: act })
  }

  pause(id: string): Promise<DownloadView> {
    return this.#connection.json('POST', `${pathOf(id)}/pause`)
  }

  resume(id: string): Promise<DownloadView> {
    return this.#connection.json('POST', `${pathOf(id)}/resume`)
  }

  retry(id: string): Promise<DownloadView> {
    return this.#connection.json('POST', `${pathOf(id)}/retry`)
  }

  /** Stops it and removes what it has fetched. */
  cancel(id: string): Promise<void> {
    return this.#connection.json('DELETE', pathOf(id))
  }

  settings(): Promise<DownloadSettings> {
    return this.#connection.json('GET', '/api/downloads/settings')
  }

  updateSettings(change: UpdateDownloadSettings): Promise<DownloadSettings> {
    return this.#connection.json('PATCH', '/api/downloads/settings', { json: change })
  }
}

/** It is no longer under way: completed, failed or canceled. */
export function isDownloaded({ status }: Pick<DownloadView, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'canceled'
}

function isPassing(cause: unknown): boolean {
  return cause instanceof EaselError && (cause.status === 0 || cause.status === 429 || cause.status >= 500)
}

function pathOf(id: string): string {
  return `/api/downloads/${encodeURIComponent(id)}`
}
