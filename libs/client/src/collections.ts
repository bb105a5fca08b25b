import type { CallOptions, Connection } from './connection.ts'
import type {
  AddToCollection,
  CollectionPage,
  CollectionView,
  CreateCollection,
  ExportedCollections,
  FetchCollection,
  FetchedCollection,
  GetCollectionsExportQuery,
  GetCollectionsIdQuery,
  GetCollectionsQuery,
  GetLorasQuery,
  ImportCollections,
  ImportedCollections,
  LoraPage,
  UpdateCollection,
} from './api-schemas.ts'

export class Loras {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** What is here first, then presets, favourites, and the rest of what is known; `for` a family or a checkpoint. */
  list(query: GetLorasQuery = {}, options: CallOptions = {}): Promise<LoraPage> {
    return this.#connection.json('GET', '/api/loras', { query, ...options })
  }
}

/** LoRAs that the people of a space use together. */
export class Collections {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(query: GetCollectionsQuery = {}): Promise<CollectionPage> {
    return this.#connection.json('GET', '/api/collections', { query })
  }

  get(id: string, query: GetCollectionsIdQuery = {}): Promise<CollectionView> {
    return this.#connection.json('GET', pathOf(id), { query })
  }

  create(collection: CreateCollection, options: CallOptions = {}): Promise<CollectionView> {
    return this.#connection.json('POST', '/api/collections', { json: collection, ...options })
  }

  /** Fails with `STALE` (412) when it was changed since `revision`. `entries` are all of them, in their order. */
  update(id: string, revision: number, change: UpdateCollection): Promise<CollectionView> {
    const headers = { 'if-match': `"${revision}"` }
    return this.#connection.json('PATCH', pathOf(id), { json: change, headers })
  }

  delete(id: string): Promise<void> {
    return this.#connection.json('DELETE', pathOf(id))
  }

  /** What is there already stays as it is. */
  add(id: string, entries: AddToCollection['entries']): Promise<CollectionView> {
    return this.#connection.json('POST', `${pathOf(id)}/entries`, { json: { entries } })
  }

  remove(id: string, entryId: string): Promise<CollectionView> {
    return this.#connection.json('DELETE', `${pathOf(id)}/entries/${encodeURIComponent(entryId)}`)
  }

  /** One download of all that is missing. */
  fetch(id: string, fetch: FetchCollection = {}, options: CallOptions = {}): Promise<FetchedCollection> {
    return this.#connection.json('POST', `${pathOf(id)}/fetch`, { json: fetch, ...options })
  }

  /** Of a `loras.yaml`, as YAML or JSON. */
  import(text: ImportCollections): Promise<ImportedCollections> {
    return this.#connection.json('POST', '/api/collections/import', { json: text })
  }

  /** As JSON text it can be imported. */
  export(query: GetCollectionsExportQuery = {}): Promise<ExportedCollections> {
    return this.#connection.json('GET', '/api/collections/export', { query })
  }
}

function pathOf(id: string): string {
  return `/api/collections/${encodeURIComponent(id)}`
}
