import type { ModelType } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import { families, familiesOfBaseModel, familyById } from '../../families/families.ts'
import { nsfwBits } from '../source-model.ts'
import type { SourceModel } from '../source-model.ts'
import type { SourceQuery } from '../source.ts'
import { isWeights } from './weights.ts'

export type HubQuery = { readonly parameters: (readonly [string, string])[]; readonly warnings: string[] }

const typeTags: Partial<Record<ModelType, string>> = {
  lora: 'lora',
  locon: 'lora',
  dora: 'lora',
  embedding: 'textual_inversion',
  controlnet: 'controlnet',
  'motion-module': 'animatediff',
}

const sortKeys: Readonly<Record<NonNullable<SourceQuery['sort']>, string | undefined>> = {
  relevance: undefined,
  downloads: 'downloads',
  likes: 'likes',
  rating: 'likes',
  newest: 'createdAt',
  oldest: 'createdAt',
  trending: 'trendingScore',
  updated: 'lastModified',
}

export function limitOf({ limit = 25 }: SourceQuery): number {
  return Math.min(100, Math.max(1, limit))
}

/** The question in the hub's own words. `full` brings the file names, without which nothing is known of the weights. */
export function hubQuery(query: SourceQuery): HubQuery {
  const { text, creator, task, gated, cursor } = query
  const warnings: string[] = []
  const parameters: (readonly [string, string])[] = [
    ...(text ? [['search', text] as const] : []),
    ...(creator === undefined ? [] : [['author', creator] as const]),
    ...tagsFor(query, warnings).map((tag) => ['filter', tag] as const),
    ...(task === undefined ? [] : [['pipeline_tag', task] as const]),
    ...(gated === undefined ? [] : [['gated', String(gated)] as const]),
    ...sortFor(query),
    ['limit', String(limitOf(query))],
    ['full', 'true'],
    ['cardData', 'true'],
    ...(cursor === undefined ? [] : [['cursor', readCursor(cursor)] as const]),
  ]
  return { parameters, warnings }
}

/** Repeated filters must all be met, so of several types or bases none can be asked for together. */
function tagsFor(
  { types = [], bases = [], tag, library, filters = [] }: SourceQuery,
  warnings: string[],
): string[] {
  const typed = types.length === 1 ? typeTags[types[0]!] : undefined
  const repos = bases.flatMap((base) => repoOf(base) ?? [])
  if (bases.length > 0 && repos.length !== 1)
    warnings.push('Hugging Face takes one known base model at a time')
  const wanted = [library, ...filters, tag].filter((each) => each !== undefined)
  const isGguf = wanted.some((each) => each.toLowerCase() === 'gguf')
  return [
    ...new Set([
      isGguf ? 'gguf' : 'safetensors',
      ...wanted,
      ...(typed ? [typed] : []),
      ...(repos.length === 1 ? [`base_model:${repos[0]}`] : []),
    ]),
  ]
}

function repoOf(base: string): string | undefined {
  if (/^[\w.-]+\/[\w.-]+$/.test(base)) return base
  const family =
    familyById(base) ?? familiesOfBaseModel(base)[0] ?? families.find(({ name }) => name === base)
  return family?.baseRepos[0]
}

function sortFor({ sort, text, direction }: SourceQuery): (readonly [string, string])[] {
  const key = sort === undefined ? (text ? undefined : 'downloads') : sortKeys[sort]
  if (key === undefined)
    return text
      ? []
      : [
          ['sort', 'downloads'],
          ['direction', '-1'],
        ]
  const isAscending = sort === 'oldest' || direction === 'ascending'
  return [
    ['sort', key],
    ['direction', isAscending ? '1' : '-1'],
  ]
}

const spans = { day: 1, week: 7, month: 31, year: 366, all: Number.POSITIVE_INFINITY } as const
const dayMs = 86_400_000

/** What the hub cannot be asked for; only repositories that really hold weights pass. */
export function passes(model: SourceModel, query: SourceQuery): boolean {
  const { types = [], period = 'all', commercialUse, nsfwLevels = nsfwBits.pg } = query
  return (
    model.versions.some(({ files }) => files.some(({ id }) => isWeights(id))) &&
    (model.nsfwLevel & nsfwLevels) !== 0 &&
    (types.length === 0 ||
      types.includes(model.type) ||
      types.some((type) => typeTags[type] === 'lora' && model.type === 'lora')) &&
    (commercialUse === undefined || (model.licence.commercialUse?.includes(commercialUse) ?? false)) &&
    (period === 'all' || Date.parse(model.updatedAt ?? '') > Date.now() - spans[period] * dayMs)
  )
}

/** Of the `Link` header only the cursor counts: the rest is our own question. */
export function nextCursor(link: string | null): string | null {
  const next = link === null ? null : /<([^<>]+)>\s*;[^,<]*rel="?next"?/i.exec(link)
  return next ? (URL.parse(next[1]!, 'https://huggingface.co')?.searchParams.get('cursor') ?? null) : null
}

function readCursor(cursor: string): string {
  if (/^[\w=+/.:~-]{1,400}$/.test(cursor)) return cursor
  throw new AppError('invalid', 'This cursor is not from here', {
    faults: [{ path: 'cursor', message: 'Unknown' }],
  })
}
