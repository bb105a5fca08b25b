import type { CallOptions, Connection } from './connection.ts'
import type {
  CreateDownload,
  DownloadPage,
  DownloadSettings,
  DownloadView,
  GetDownloadsQuery,
  GetLibraryFilesQuery,
  LibraryFilePage,
  LibraryFileView,
  LibraryStats,
  ScanLibrary,
  ScanView,
  UpdateDownloadSettings,
} from './api-schemas.ts'

/** The model files on the server. */
export class Library {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  files(query: GetLibraryFilesQuery = {}): Promise<LibraryFilePage> {
    return this.#connection.json('GET', '/api/library/files', { query })
  }

  get(id: string): Promise<LibraryFileView> {
    return this.#connection.json('GET', `/api/library/files/${encodeURIComponent(id)}`)
  }

  /** @param hash SHA-256, AutoV2 or AutoV3 */
  byHash(hash: string): Promise<LibraryFileView> {
    return this.#connection.json('GET', `/api/library/files/by-hash/${encodeURIComponent(hash)}`)
  }

  scan(scan: ScanLibrary = {}): Promise<ScanView> {
    return this.#connection.json('POST', '/api/library/scan', { json: scan })
  }

  stats(): Promise<LibraryStats> {
    return this.#connection.json('GET', '/api/library/stats')
  }
}

export class Downloads {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  create(download: CreateDownload, options: CallOptions = {}): Promise<DownloadView> {
    return this.#connection.json('POST', '/api/downloads', { json: download, ...options })
  }

  list(query: GetDownloadsQuery = {}): Promise<DownloadPage> {
    return this.#connection.json('GET', '/api/downloads', { query })
  }

  get(id: string): Promise<DownloadView> {
    return this.#connection.json('GET', pathOf(id))
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

function pathOf(id: string): string {
  return `/api/downloads/${encodeURIComponent(id)}`
}
