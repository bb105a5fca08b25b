import type { CallOptions, Connection } from './connection.ts'
import type {
  CheckNeeds,
  DismissUpdate,
  FavoritePage,
  FetchedNeeds,
  FetchNeeds,
  GetFavoritesQuery,
  GetLibraryUpdatesQuery,
  GetModelsQuery,
  GetModelsSourceIdQuery,
  GetSearchQuery,
  GetSearchSuggestQuery,
  HashMatch,
  ModelCard,
  ModelView,
  NeedsView,
  SearchPage,
  Suggestions,
  SyncView,
  UpdatePage,
} from './api-schemas.ts'

/** Which model is meant: the source, and its own id (a number of CivitAI, `owner/name` of Hugging Face). */
export type ModelName = Pick<ModelCard, 'source' | 'id'>

/** What is known of models, here and elsewhere. */
export class Models {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** CivitAI, Hugging Face and the library together; `sources` of the answer tells which of them failed. */
  search(query: GetSearchQuery = {}, options: CallOptions = {}): Promise<SearchPage> {
    return this.#connection.json('GET', '/api/search', { query, ...options })
  }

  suggest(query: GetSearchSuggestQuery, options: CallOptions = {}): Promise<Suggestions> {
    return this.#connection.json('GET', '/api/search/suggest', { query, ...options })
  }

  /** As `search`, of what is known already: nobody elsewhere is asked. */
  list(query: GetModelsQuery = {}): Promise<SearchPage> {
    return this.#connection.json('GET', '/api/models', { query })
  }

  get({ source, id }: ModelName, query: GetModelsSourceIdQuery = {}): Promise<ModelView> {
    return this.#connection.json('GET', pathOf('models', { source, id }), { query })
  }

  /** @param hash SHA-256, AutoV2 or AutoV3 */
  byHash(hash: string): Promise<HashMatch> {
    return this.#connection.json('GET', `/api/models/by-hash/${encodeURIComponent(hash)}`)
  }

  /** Which files a workflow names, which of them are here, and where to get the others. */
  needs(workflow: CheckNeeds['workflow'], { offline }: { offline?: boolean } = {}): Promise<NeedsView> {
    return this.#connection.json('POST', '/api/models/needs', { json: { workflow, offline } })
  }

  /** One download of all that is missing and can be had. */
  fetchNeeds(needs: FetchNeeds, options: CallOptions = {}): Promise<FetchedNeeds> {
    return this.#connection.json('POST', '/api/models/needs/fetch', { json: needs, ...options })
  }

  /** Newer versions of what is in the library. */
  updates(query: GetLibraryUpdatesQuery = {}): Promise<UpdatePage> {
    return this.#connection.json('GET', '/api/library/updates', { query })
  }

  /** How the catalogue is kept up to date. */
  syncState(): Promise<SyncView> {
    return this.#connection.json('GET', '/api/models/sync')
  }

  /** Asks the sources now for what is new. */
  sync(): Promise<SyncView> {
    return this.#connection.json('POST', '/api/models/sync')
  }

  dismissUpdate(update: DismissUpdate): Promise<void> {
    return this.#connection.json('POST', '/api/library/updates/dismiss', { json: update })
  }
}

/** One's own. */
export class Favorites {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(query: GetFavoritesQuery = {}): Promise<FavoritePage> {
    return this.#connection.json('GET', '/api/favorites', { query })
  }

  add(model: ModelName): Promise<void> {
    return this.#connection.json('PUT', pathOf('favorites', model))
  }

  remove(model: ModelName): Promise<void> {
    return this.#connection.json('DELETE', pathOf('favorites', model))
  }
}

function pathOf(area: 'models' | 'favorites', { source, id }: ModelName): string {
  return `/api/${area}/${encodeURIComponent(source)}/${encodeURIComponent(id)}`
}
