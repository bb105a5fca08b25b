import type { Connection } from './connection.ts'
import type {
  AdoptedFiles,
  AdoptFiles,
  GetHubFilesQuery,
  HubFilePage,
  HubFileView,
  HubStatus,
  TokenList,
  TokenView,
  VerifyHub,
} from './api-schemas.ts'

/** The store behind the models folders: each content once. Admins only. */
export class Hub {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  status(): Promise<HubStatus> {
    return this.#connection.json('GET', '/api/hub')
  }

  files(query: GetHubFilesQuery = {}): Promise<HubFilePage> {
    return this.#connection.json('GET', '/api/hub/files', { query })
  }

  /** In the background; all of it, unless contents are named. */
  verify(verify: VerifyHub = {}): Promise<HubStatus> {
    return this.#connection.json('POST', '/api/hub/verify', { json: verify })
  }

  adopt(files: AdoptFiles): Promise<AdoptedFiles> {
    return this.#connection.json('POST', '/api/hub/adopt', { json: files })
  }

  pin(sha256: string): Promise<HubFileView> {
    return this.#connection.json('PUT', `${pathOf(sha256)}/pin`)
  }

  unpin(sha256: string): Promise<HubFileView> {
    return this.#connection.json('DELETE', `${pathOf(sha256)}/pin`)
  }

  /** Its names stay, and it can be fetched again. */
  evict(sha256: string): Promise<HubFileView> {
    return this.#connection.json('POST', `${pathOf(sha256)}/evict`)
  }
}

/** Of CivitAI and Hugging Face, for the whole installation: they go in and never come out. Admins only. */
export class SourceTokens {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(): Promise<TokenList> {
    return this.#connection.json('GET', '/api/settings/tokens')
  }

  set(source: TokenView['source'], token: string): Promise<TokenView> {
    return this.#connection.json('PUT', `/api/settings/tokens/${source}`, { json: { token } })
  }

  remove(source: TokenView['source']): Promise<void> {
    return this.#connection.json('DELETE', `/api/settings/tokens/${source}`)
  }
}

function pathOf(sha256: string): string {
  return `/api/hub/files/${encodeURIComponent(sha256)}`
}
