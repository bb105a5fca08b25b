import type { CallOptions, Connection } from './connection.ts'
import type {
  AddBundle,
  BundlePage,
  BundleStatus,
  BundleView,
  GetBundlesIdStatusQuery,
  GetBundlesQuery,
  ImportedManifests,
  ImportManifests,
  PutBundle,
} from './api-schemas.ts'

/** Named lists of files that belong together. Installed by `downloads.create({ source: 'bundle', bundleId })`. */
export class Bundles {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(query: GetBundlesQuery = {}): Promise<BundlePage> {
    return this.#connection.json('GET', '/api/bundles', { query })
  }

  get(id: string): Promise<BundleView> {
    return this.#connection.json('GET', pathOf(id))
  }

  /** What of it is here, wrong, on its way or missing. */
  status(id: string, query: GetBundlesIdStatusQuery = {}): Promise<BundleStatus> {
    return this.#connection.json('GET', `${pathOf(id)}/status`, { query })
  }

  /** Admins, as what follows. */
  create(bundle: AddBundle, options: CallOptions = {}): Promise<BundleView> {
    return this.#connection.json('POST', '/api/bundles', { json: bundle, ...options })
  }

  put(id: string, bundle: PutBundle): Promise<BundleView> {
    return this.#connection.json('PUT', pathOf(id), { json: bundle })
  }

  /** One that came with Easel comes back as it was. */
  delete(id: string): Promise<void> {
    return this.#connection.json('DELETE', pathOf(id))
  }

  /** Of WanGP’s `defaults/*.json`. */
  import(manifests: ImportManifests): Promise<ImportedManifests> {
    return this.#connection.json('POST', '/api/bundles/import', { json: manifests })
  }
}

function pathOf(id: string): string {
  return `/api/bundles/${encodeURIComponent(id)}`
}
