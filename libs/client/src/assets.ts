import type { CallOptions, Connection, Payload } from './connection.ts'
import type {
  AssetDetail,
  AssetPage,
  AssetStats,
  AssetView,
  GetAssetsQuery,
  GetAssetsStatsQuery,
  UpdateAsset,
} from './api-schemas.ts'

export type UploadFile = {
  readonly filename: string
  readonly spaceId?: string
  readonly sessionId?: string
  readonly tags?: readonly string[]
  /** `application/octet-stream` unless said. */
  readonly contentType?: string
}

export type ByteRange = { readonly start: number; readonly end?: number }

export class Assets {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** A stream is sent as it comes: a film needs no memory. */
  upload(data: Payload, file: UploadFile, options: CallOptions = {}): Promise<AssetView> {
    const { contentType = 'application/octet-stream', tags, ...rest } = file
    return this.#connection.json('POST', '/api/assets', {
      body: data,
      query: { ...rest, ...(tags && tags.length > 0 && { tags: tags.join(',') }) },
      headers: { 'content-type': contentType },
      ...options,
    })
  }

  /** The response with the asset's bytes, unread; `body` is a stream. */
  download(
    id: string,
    { range, signal }: { range?: ByteRange; signal?: AbortSignal } = {},
  ): Promise<Response> {
    return this.#connection.send('GET', `/api/assets/${encodeURIComponent(id)}/content`, {
      ...(range && { headers: { range: `bytes=${range.start}-${range.end ?? ''}` } }),
      ...(signal && { signal }),
    })
  }

  /** @param size longest side in pixels */
  thumbnail(id: string, size: 256 | 512 | 1024 = 256): Promise<Response> {
    return this.#connection.send('GET', `/api/assets/${encodeURIComponent(id)}/thumbnail`, {
      query: { size },
    })
  }

  get(id: string): Promise<AssetDetail> {
    return this.#connection.json('GET', `/api/assets/${encodeURIComponent(id)}`)
  }

  list(query: GetAssetsQuery = {}): Promise<AssetPage> {
    return this.#connection.json('GET', '/api/assets', { query })
  }

  stats(query: GetAssetsStatsQuery = {}): Promise<AssetStats> {
    return this.#connection.json('GET', '/api/assets/stats', { query })
  }

  update(id: string, change: UpdateAsset): Promise<AssetView> {
    return this.#connection.json('PATCH', `/api/assets/${encodeURIComponent(id)}`, { json: change })
  }

  delete(id: string): Promise<void> {
    return this.#connection.json('DELETE', `/api/assets/${encodeURIComponent(id)}`)
  }
}
