import type { AssetView, GetAssetsQuery } from '@easel/client'

/** What the address of the gallery holds. */
export type GallerySearch = {
  q?: string
  kind?: AssetView['kind']
  model?: string
  session?: string
  rating?: number
  favorite?: true
  since?: string
  sort?: 'oldest' | 'rating'
  /** The one that is looked at. */
  asset?: string
}

export const kinds = ['image', 'animation', 'video', 'audio', 'text'] as const

const text = (value: unknown, length = 200): string | undefined => {
  const written = typeof value === 'number' ? String(value) : value
  return typeof written === 'string' && written !== '' ? written.slice(0, length) : undefined
}

export function readGallerySearch(search: Record<string, unknown>): GallerySearch {
  const { kind, sort, favorite } = search
  const rating = Number(search['rating'])
  return {
    ...defined('q', text(search['q'])),
    ...(kinds.includes(kind as never) && { kind: kind as AssetView['kind'] }),
    ...defined('model', text(search['model'], 300)),
    ...defined('session', text(search['session'], 40)),
    ...(rating >= 1 && rating <= 5 && { rating: Math.round(rating) }),
    ...((favorite === true || favorite === 'true') && { favorite: true as const }),
    ...defined('since', text(search['since'], 30)),
    ...((sort === 'oldest' || sort === 'rating') && { sort }),
    ...defined('asset', text(search['asset'], 40)),
  }
}

const defined = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }

/** What the server is asked: all but which one is open. */
export function toQuery({ asset: _asset, session, ...filters }: GallerySearch): GetAssetsQuery {
  return { ...filters, ...(session !== undefined && { sessionId: session }) }
}

export function isFiltered(search: GallerySearch): boolean {
  const { sort: _sort, ...filters } = toQuery(search)
  return Object.keys(filters).length > 0
}
