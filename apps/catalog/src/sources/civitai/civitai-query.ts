import { AppError } from '@easel/protocol'
import type { SourceModel } from '../source-model.ts'
import { nsfwBits } from '../source-model.ts'
import type { SourceQuery } from '../source.ts'
import { baseModelsFor, commercialNames, periodNames, sortNames, typesFor } from './civitai-values.ts'

export type Parameters = (readonly [string, string])[]

export const defaultLimit = 25
const mostPerPage = 100

/** Which way the pages are read: as asked, or filtered by CivitAI and matched by name here. */
export type Cursor = { readonly way: 'asked' | 'matched'; readonly upstream: string | undefined }

/** `n.` or `m.` and CivitAI's own cursor. */
export function readCursor(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined) return undefined
  const match = /^(n|m)\.([^\p{Cc}]{1,300})$/u.exec(cursor)
  if (!match) {
    throw new AppError('invalid', 'This cursor is not from here', {
      faults: [{ path: 'cursor', message: 'Unknown' }],
    })
  }
  return { way: match[1] === 'n' ? 'asked' : 'matched', upstream: match[2]! }
}

export function writeCursor({ way, upstream }: Cursor): string | null {
  return upstream === undefined ? null : `${way === 'asked' ? 'n' : 'm'}.${upstream}`
}

export function limitOf({ limit = defaultLimit }: SourceQuery): number {
  return Math.min(mostPerPage, Math.max(1, limit))
}

/** The filters as repeated parameters. Left out is what CivitAI has as its default, and `false`, which it reads as true. */
export function filterParameters(query: SourceQuery): Parameters {
  const { types = [], bases = [], period, tag, creator, commercialUse } = query
  return [
    ...typesFor(types).map((type) => ['types', type] as const),
    ...baseModelsFor(bases).map((base) => ['baseModels', base] as const),
    ...(period !== undefined && period !== 'all' ? [['period', periodNames[period]] as const] : []),
    ...(tag !== undefined ? [['tag', tag] as const] : []),
    ...(creator !== undefined ? [['username', creator] as const] : []),
    ...(commercialUse !== undefined ? [['allowCommercialUse', commercialNames[commercialUse]] as const] : []),
  ]
}

/** What goes with every search. */
export function commonParameters(query: SourceQuery): Parameters {
  return [['nsfw', String(allowsMore(query))]]
}

export function sortParameter({ sort, text }: SourceQuery): Parameters {
  // Relevance is what CivitAI orders by when it is left out of a search by text.
  if (text && (sort === undefined || sort === 'relevance')) return []
  return [['sort', sortNames[sort ?? 'downloads']]]
}

/** Filters that CivitAI does not combine with text. */
export function hasFilter(query: SourceQuery): boolean {
  return filterParameters(query).length > 0
}

/** What CivitAI cannot be asked. */
export function unheard({ task, library, filters, gated, sort, direction }: SourceQuery): string[] {
  return [
    ...(task === undefined ? [] : ['CivitAI knows no tasks']),
    ...(library === undefined ? [] : ['CivitAI knows no libraries']),
    ...(filters?.length ? ['CivitAI knows none of these tags'] : []),
    ...(gated === undefined ? [] : ['CivitAI cannot be asked for gated models']),
    ...(sort === 'trending' || sort === 'updated' ? [`CivitAI does not sort by ${sort}`] : []),
    ...(direction === 'ascending' && sort !== 'newest' && sort !== 'oldest'
      ? ['CivitAI sorts one way only']
      : []),
  ]
}

const spans = { day: 1, week: 7, month: 31, year: 366, all: Number.POSITIVE_INFINITY } as const
const dayMs = 86_400_000

/** The filters, done here: on what a search by text alone gave. */
export function passesFilters(model: SourceModel, query: SourceQuery): boolean {
  const { types = [], bases = [], period = 'all', tag, creator, commercialUse } = query
  const names = typesFor(types).map((type) => type.toLowerCase())
  const baseModels = baseModelsFor(bases).map((base) => base.toLowerCase())
  const isOf = (base: string | null) => base !== null && baseModels.includes(base.toLowerCase())
  return (
    (names.length === 0 || names.includes((model.sourceType ?? '').toLowerCase())) &&
    (baseModels.length === 0 || model.versions.some(({ baseModel }) => isOf(baseModel))) &&
    (tag === undefined || model.tags.some((own) => own.toLowerCase() === tag.toLowerCase())) &&
    (creator === undefined || model.creator?.name.toLowerCase() === creator.toLowerCase()) &&
    (commercialUse === undefined || (model.licence.commercialUse?.includes(commercialUse) ?? false)) &&
    (period === 'all' || Date.parse(model.updatedAt ?? '') > Date.now() - spans[period] * dayMs)
  )
}

/** Every word in the name, the tags or the maker's name. */
export function matchesText(model: SourceModel, text: string): boolean {
  const known = [model.name, ...model.tags, model.creator?.name ?? ''].join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => known.includes(word))
}

/** Unrated ones count as PG. */
export function isAllowedLevel(model: SourceModel, { nsfwLevels = nsfwBits.pg }: SourceQuery): boolean {
  return ((model.nsfwLevel || nsfwBits.pg) & nsfwLevels) !== 0
}

function allowsMore({ nsfwLevels = nsfwBits.pg }: SourceQuery): boolean {
  return (nsfwLevels & ~nsfwBits.pg) !== 0
}
