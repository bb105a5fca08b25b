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

const mostAdopted = 500

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

  /** In as many requests as that takes: each file is read first. */
  async adopt({ paths, dryRun }: AdoptFiles): Promise<AdoptedFiles> {
    const items: AdoptedFiles['items'] = []
    for (let left = [...paths]; left.length > 0;) {
      const some = left.splice(0, mostAdopted)
      const json: AdoptFiles = dryRun === undefined ? { paths: some } : { paths: some, dryRun }
      const adopted: AdoptedFiles = await this.#connection.json('POST', '/api/hub/adopt', { json })
      items.push(...adopted.items)
      left = [...(adopted.left ?? []), ...left]
    }
    return { items, left: [] }
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
