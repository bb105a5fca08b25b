import type { Connection } from './connection.ts'
import type {
  DuplicatePage,
  ExternalFile,
  FamilyList,
  FolderTable,
  GetLibraryDuplicatesQuery,
  GetLibraryExternalQuery,
  GetLibraryFilesQuery,
  GetLibraryMisplacedQuery,
  GetLibraryTriggerWordsQuery,
  HeaderView,
  LibraryFilePage,
  LibraryFileView,
  LibraryStats,
  LinkFile,
  MisplacedPage,
  MoveFile,
  ScanLibrary,
  ScanView,
  SidecarOutcomes,
  TriggerWords,
  WriteSidecars,
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
    return this.#connection.json('GET', pathOf(id))
  }

  /** @param hash SHA-256, AutoV2 or AutoV3 */
  byHash(hash: string): Promise<LibraryFileView> {
    return this.#connection.json('GET', `/api/library/files/by-hash/${encodeURIComponent(hash)}`)
  }

  /** A small WebP. */
  preview(id: string): Promise<Response> {
    return this.#connection.send('GET', `${pathOf(id)}/preview`)
  }

  scan(scan: ScanLibrary = {}): Promise<ScanView> {
    return this.#connection.json('POST', '/api/library/scan', { json: scan })
  }

  stats(): Promise<LibraryStats> {
    return this.#connection.json('GET', '/api/library/stats')
  }

  duplicates(query: GetLibraryDuplicatesQuery = {}): Promise<DuplicatePage> {
    return this.#connection.json('GET', '/api/library/duplicates', { query })
  }

  misplaced(query: GetLibraryMisplacedQuery = {}): Promise<MisplacedPage> {
    return this.#connection.json('GET', '/api/library/misplaced', { query })
  }

  /** Without a path: to where it belongs. */
  move(id: string, move: MoveFile = {}): Promise<LibraryFileView> {
    return this.#connection.json('POST', `${pathOf(id)}/move`, { json: move })
  }

  /** Says which model a file is; without a model the link is taken away. */
  link(link: LinkFile): Promise<LibraryFileView> {
    return this.#connection.json('POST', '/api/library/link', { json: link })
  }

  /** Admins: beside all files, unless some are named; in as many requests as that takes. */
  async writeSidecars(write: WriteSidecars = {}): Promise<SidecarOutcomes> {
    const all: SidecarOutcomes = { written: 0, items: [], nextCursor: null }
    for (let next: WriteSidecars | undefined = write; next;) {
      const some: SidecarOutcomes = await this.#connection.json('POST', '/api/library/sidecars', {
        json: next,
      })
      all.written += some.written
      all.items.push(...some.items)
      next = some.nextCursor ? { ...write, cursor: some.nextCursor } : undefined
    }
    return all
  }

  triggerWords(query: GetLibraryTriggerWordsQuery): Promise<TriggerWords> {
    return this.#connection.json('GET', '/api/library/trigger-words', { query })
  }

  /** Admins: a file that InvokeAI has on the server's machine. */
  findExternal(query: GetLibraryExternalQuery): Promise<ExternalFile> {
    return this.#connection.json('GET', '/api/library/external', { query })
  }

  /** Of a model file at a URL; the server reads the first bytes of it only. */
  readHeader(url: string): Promise<HeaderView> {
    return this.#connection.json('POST', '/api/library/headers', { json: { url } })
  }

  families(): Promise<FamilyList> {
    return this.#connection.json('GET', '/api/library/families')
  }

  /** Where a model of each type goes. */
  folders(): Promise<FolderTable> {
    return this.#connection.json('GET', '/api/library/folders')
  }
}

function pathOf(id: string): string {
  return `/api/library/files/${encodeURIComponent(id)}`
}
