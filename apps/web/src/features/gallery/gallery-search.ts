import type { AssetView, GetAssetsQuery } from '@easel/client'

/** What the address of the gallery holds. */
export type GallerySearch = {
  q?: string
  kind?: AssetView['kind']
  model?: string
  lora?: string
  tag?: string
  session?: string
  /** Id of a user; `me`. */
  by?: string
  origin?: 'upload' | 'job'
  rating?: number
  favorite?: true
  /** Days of the reader's own calendar, both inclusive: `2026-11-20`. */
  since?: string
  until?: string
  sort?: 'oldest' | 'rating'
  /** The one that is looked at. */
  asset?: string
}

export type Filter = Exclude<keyof GallerySearch, 'sort' | 'asset'>

/** Leads to another address: what is undefined leaves it. `push`: one can come back. */
export type Go = (
  change: { [K in keyof GallerySearch]?: GallerySearch[K] | undefined },
  how?: { push?: boolean },
) => void

export const kinds = ['image', 'animation', 'video', 'audio', 'text'] as const

const text = (value: unknown, length = 200): string | undefined => {
  const written = typeof value === 'number' ? String(value) : value
  return typeof written === 'string' && written !== '' ? written.slice(0, length) : undefined
}

const day = (value: unknown): string | undefined =>
  typeof value === 'string' &&
  /^[1-9]\d{3}-\d\d-\d\d$/.test(value) &&
  !Number.isNaN(Date.parse(`${value}T00:00`))
    ? value
    : undefined

export function readGallerySearch(search: Record<string, unknown>): GallerySearch {
  const { kind, sort, favorite, origin } = search
  const rating = Number(search['rating'])
  return {
    ...defined('q', text(search['q'])),
    ...(kinds.includes(kind as never) && { kind: kind as AssetView['kind'] }),
    ...defined('model', text(search['model'])),
    ...defined('lora', text(search['lora'])),
    ...defined('tag', text(search['tag'], 64)),
    ...defined('session', text(search['session'], 40)),
    ...defined('by', text(search['by'], 40)),
    ...((origin === 'upload' || origin === 'job') && { origin }),
    ...(rating >= 1 && rating <= 5 && { rating: Math.round(rating) }),
    ...((favorite === true || favorite === 'true') && { favorite: true as const }),
    ...defined('since', day(search['since'])),
    ...defined('until', day(search['until'])),
    ...((sort === 'oldest' || sort === 'rating') && { sort }),
    ...defined('asset', text(search['asset'], 40)),
  }
}

const defined = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }

/** What the server is asked: all but which one is open. */
export function toQuery(
  { asset: _asset, session, by, since, until, ...filters }: GallerySearch,
  me: string,
): GetAssetsQuery {
  return {
    ...filters,
    ...(session !== undefined && { sessionId: session }),
    ...(by !== undefined && { createdBy: by === 'me' ? me : by }),
    ...(since !== undefined && { since: startOf(since).toISOString() }),
    ...(until !== undefined && { until: startOf(until, 1).toISOString() }),
  }
}

/** Midnight where the reader is; `later` days on. */
function startOf(date: string, later = 0): Date {
  const [year, month, dayOfMonth] = date.split('-').map(Number) as [number, number, number]
  return new Date(year, month - 1, dayOfMonth + later)
}

/** The reader's calendar day, `back` days ago. */
export function dayOf(back: number, now = new Date()): string {
  const then = new Date(now.getFullYear(), now.getMonth(), now.getDate() - back)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`
}

export const filtersOf = (search: GallerySearch): Filter[] =>
  (Object.keys(noFilters) as Filter[]).filter((name) => search[name] !== undefined)

export const isFiltered = (search: GallerySearch): boolean => filtersOf(search).length > 0

/** The order, and what is open, are none. */
export const noFilters = {
  q: undefined,
  kind: undefined,
  model: undefined,
  lora: undefined,
  tag: undefined,
  session: undefined,
  by: undefined,
  origin: undefined,
  rating: undefined,
  favorite: undefined,
  since: undefined,
  until: undefined,
} satisfies Record<Filter, undefined>
