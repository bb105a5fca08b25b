import { hasFilter, QueryFault } from './list-query.ts'
import { listedModel } from './model-json.ts'
import type { ListQuery } from './list-query.ts'
import type { CivitaiModel } from '../world/civitai-shape.ts'
import type { Call } from '../http/answer.ts'

const day = 86_400_000
const spans = { AllTime: Number.POSITIVE_INFINITY, Year: 365 * day, Month: 31 * day, Week: 7 * day, Day: day }

export type Listing = { items: unknown[]; metadata: Record<string, unknown> }

type Listed = {
  models: readonly CivitaiModel[]
  query: ListQuery
  call: Call
  origin: string
  combined: boolean
}

/**
 * A page of models. `combined: false` is how the real search behaves with text and filters together: it gives
 * nothing, whatever there is.
 */
export function listModels({ models, query, call, origin, combined }: Listed): Listing {
  const found = query.query !== undefined && hasFilter(query) && !combined ? [] : matching(models, query)
  const start = startOf(query)
  const end = start + query.limit
  const items = found.slice(start, end).map((model) => listedModel(model, { origin, allLevels: query.nsfw }))
  const metadata: Record<string, unknown> = {}
  if (end < found.length && query.limit > 0) {
    metadata['nextCursor'] = query.query === undefined ? listingCursor(end) : String(end)
    metadata['nextPage'] = nextPage(call, origin, String(metadata['nextCursor']))
  }
  if (query.page !== undefined) {
    metadata['currentPage'] = query.page
    metadata['pageSize'] = query.limit
  }
  return { items, metadata }
}

function matching(models: readonly CivitaiModel[], query: ListQuery): CivitaiModel[] {
  const found = models.filter((model) => fits(model, query))
  if (query.query !== undefined && query.query !== '') {
    const words = query.query.toLowerCase().split(/\s+/)
    return found.filter(({ name, tags }) => {
      const text = `${name} ${tags.join(' ')}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
  }
  return found.toSorted(orders[query.sort])
}

function fits(model: CivitaiModel, query: ListQuery): boolean {
  const newest = model.modelVersions[0]!
  const uses =
    typeof model.allowCommercialUse === 'string' ? [model.allowCommercialUse] : model.allowCommercialUse
  return (
    (query.nsfw || (model.nsfwLevel & 1) !== 0) &&
    (query.types.length === 0 || query.types.includes(model.type)) &&
    (query.baseModels.length === 0 ||
      model.modelVersions.some(({ baseModel }) => query.baseModels.includes(baseModel))) &&
    (query.tag === undefined || model.tags.includes(query.tag.toLowerCase())) &&
    (query.username === undefined || model.creator.username === query.username.toLowerCase()) &&
    (query.ids === undefined || query.ids.includes(model.id)) &&
    (query.modelVersionIds === undefined ||
      model.modelVersions.some(({ id }) => query.modelVersionIds!.includes(id))) &&
    Date.parse(newest.publishedAt) > Date.now() - spans[query.period] &&
    (!query.earlyAccess || model.availability === 'EarlyAccess') &&
    (!query.supportsGeneration || model.supportsGeneration) &&
    (query.archived || model.mode !== 'Archived') &&
    (query.commercialUse.length === 0 ||
      query.commercialUse.some((use) => uses.some((allowed) => allowed.includes(use)))) &&
    (query.allowNoCredit === undefined || model.allowNoCredit === query.allowNoCredit) &&
    (query.allowDerivatives === undefined || model.allowDerivatives === query.allowDerivatives) &&
    (query.allowDifferentLicense === undefined ||
      model.allowDifferentLicense === query.allowDifferentLicense) &&
    !query.favorites
  )
}

const by =
  (value: (model: CivitaiModel) => number) =>
  (one: CivitaiModel, other: CivitaiModel): number =>
    value(other) - value(one) || one.id - other.id
const stat = (name: string) => by(({ stats }) => stats[name] ?? 0)
const published = ({ modelVersions }: CivitaiModel) => Date.parse(modelVersions[0]!.publishedAt)

const orders: Record<ListQuery['sort'], (one: CivitaiModel, other: CivitaiModel) => number> = {
  'Highest Rated': stat('thumbsUpCount'),
  'Most Downloaded': stat('downloadCount'),
  'Most Liked': stat('thumbsUpCount'),
  'Most Discussed': stat('commentCount'),
  'Most Collected': stat('thumbsUpCount'),
  'Most Images': by(({ modelVersions }) => modelVersions[0]!.images.length),
  Newest: by(published),
  Oldest: by((model) => -published(model)),
}

/** Not to be made by a caller: the offset hides in the last part, behind a check number. */
function listingCursor(offset: number): string {
  return `${offset * 7 + 13}|${offset * 31 + 5}|${offset}`
}

function startOf({ cursor, query, page, limit }: ListQuery): number {
  if (page !== undefined) return (page - 1) * limit
  if (cursor === undefined) return 0
  const parts = query === undefined ? cursor.split('|') : [cursor]
  const offset = Number(parts.at(-1))
  const good = Number.isInteger(offset) && offset >= 0
  if (!good || (query === undefined && cursor !== listingCursor(offset))) {
    throw new QueryFault(400, { error: { name: 'ZodError', message: '[{"path":["cursor"]}]' } })
  }
  return offset
}

/** The whole query comes back in it: a `token` in it too. */
function nextPage({ url }: Call, origin: string, cursor: string): string {
  const next = new URL(url.pathname, origin)
  for (const [name, value] of url.searchParams) if (name !== 'cursor') next.searchParams.append(name, value)
  next.searchParams.set('cursor', cursor)
  return next.href
}
