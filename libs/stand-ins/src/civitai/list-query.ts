import {
  baseModels,
  commercialUses,
  fileFormats,
  modelTypes,
  periods,
  sorts,
} from '../world/civitai-shape.ts'

export type ListQuery = {
  limit: number
  page: number | undefined
  cursor: string | undefined
  query: string | undefined
  tag: string | undefined
  username: string | undefined
  types: string[]
  baseModels: string[]
  ids: number[] | undefined
  modelVersionIds: number[] | undefined
  checkpointType: string | undefined
  sort: (typeof sorts)[number]
  period: (typeof periods)[number]
  nsfw: boolean
  primaryFileOnly: boolean
  supportsGeneration: boolean
  earlyAccess: boolean
  archived: boolean
  commercialUse: string[]
  allowNoCredit: boolean | undefined
  allowDerivatives: boolean | undefined
  allowDifferentLicense: boolean | undefined
  favorites: boolean
}

/** What is wrong with a parameter: a validation library of the real server would say it in its own words. */
export class QueryFault extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, body: unknown) {
    super('query fault')
    this.status = status
    this.body = body
  }
}

const known: ReadonlySet<string> = new Set([
  'limit',
  'page',
  'cursor',
  'query',
  'tag',
  'username',
  'types',
  'baseModels',
  'ids',
  'modelVersionIds',
  'checkpointType',
  'sort',
  'period',
  'nsfw',
  'primaryFileOnly',
  'favorites',
  'hidden',
  'supportsGeneration',
  'earlyAccess',
  'archived',
  'fromPlatform',
  'followed',
  'fileFormats',
  'allowNoCredit',
  'allowCommercialUse',
  'allowDerivatives',
  'allowDifferentLicenses',
  'token',
])

/** The real server ignores names it does not know; here they are refused, so that a misspelt filter shows. */
export function readListQuery(search: URLSearchParams, authorized: boolean): ListQuery {
  for (const name of search.keys()) if (!known.has(name)) throw invalid(name, 'is no parameter')
  if ((search.has('favorites') || search.has('hidden')) && !authorized) {
    throw new QueryFault(401, { error: 'Unauthorized' })
  }
  const formats = search.getAll('fileFormats')
  if (formats.length === 1) throw invalid('fileFormats', 'expected array, received string')
  many(search, 'fileFormats', fileFormats)
  const limit = whole(search, 'limit', { from: 0, to: 100 }) ?? 100
  const page = whole(search, 'page', { from: 1, to: Number.MAX_SAFE_INTEGER })
  const query = search.get('query') ?? undefined
  if (page !== undefined && query !== undefined) {
    throw new QueryFault(400, {
      error: 'Cannot use page param with query search. Use cursor-based pagination.',
    })
  }
  if (page !== undefined && search.has('cursor')) throw invalid('page', 'goes without cursor only')
  if (page !== undefined && page * limit > 1000) {
    throw new QueryFault(429, { error: "You've requested too many pages, please use cursors instead" })
  }
  return {
    limit,
    page,
    cursor: search.get('cursor') ?? undefined,
    query,
    tag: search.get('tag') ?? undefined,
    username: search.get('username') ?? undefined,
    types: many(search, 'types', modelTypes),
    baseModels: search.getAll('baseModels'),
    ids: numbers(search, 'ids'),
    modelVersionIds: numbers(search, 'modelVersionIds'),
    checkpointType: one(search, 'checkpointType', ['Trained', 'Merge'] as const),
    sort: one(search, 'sort', sorts) ?? 'Highest Rated',
    period: one(search, 'period', periods) ?? 'AllTime',
    nsfw: flag(search, 'nsfw') ?? false,
    primaryFileOnly: flag(search, 'primaryFileOnly') ?? false,
    supportsGeneration: coerced(search, 'supportsGeneration'),
    earlyAccess: coerced(search, 'earlyAccess'),
    archived: coerced(search, 'archived'),
    commercialUse: many(search, 'allowCommercialUse', commercialUses),
    allowNoCredit: flag(search, 'allowNoCredit'),
    allowDerivatives: flag(search, 'allowDerivatives'),
    allowDifferentLicense: flag(search, 'allowDifferentLicenses'),
    favorites: flag(search, 'favorites') ?? false,
  }
}

/** Enough for a search that names one of them: text and filters together find next to nothing. */
export function hasFilter(query: ListQuery): boolean {
  return (
    query.types.length > 0 ||
    query.baseModels.length > 0 ||
    query.commercialUse.length > 0 ||
    [query.tag, query.username, query.checkpointType].some((value) => value !== undefined)
  )
}

export const enums = {
  ModelType: modelTypes,
  ActiveBaseModel: baseModels,
  BaseModel: baseModels,
  BaseModelType: ['Standard', 'Inpainting', 'Refiner', 'Pix2Pix'],
}

function invalid(path: string, message: string): QueryFault {
  const issues = [{ code: 'custom', path: [path], message }]
  return new QueryFault(400, { error: { name: 'ZodError', message: JSON.stringify(issues) } })
}

function whole(
  search: URLSearchParams,
  name: string,
  range: { from: number; to: number },
): number | undefined {
  const text = search.get(name)
  if (text === null) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < range.from || value > range.to) throw invalid(name, 'out of range')
  return value
}

function one<const T extends string>(
  search: URLSearchParams,
  name: string,
  values: readonly T[],
): T | undefined {
  const text = search.get(name)
  if (text === null) return undefined
  if (!(values as readonly string[]).includes(text)) throw invalid(name, `invalid value '${text}'`)
  return text as T
}

function many(search: URLSearchParams, name: string, values: readonly string[]): string[] {
  const all = search.getAll(name)
  for (const value of all) if (!values.includes(value)) throw invalid(name, `invalid value '${value}'`)
  return all
}

function numbers(search: URLSearchParams, name: string): number[] | undefined {
  const text = search.get(name)
  if (text === null) return undefined
  if (!/^\d+(,\d+)*$/.test(text)) throw invalid(name, 'expected numbers with commas')
  return text.split(',').map(Number)
}

function flag(search: URLSearchParams, name: string): boolean | undefined {
  const text = search.get(name)
  if (text === null) return undefined
  if (!['true', 'false', '1', '0'].includes(text)) throw invalid(name, 'expected a boolean')
  return text === 'true' || text === '1'
}

/** Any text is true, `false` too. */
function coerced(search: URLSearchParams, name: string): boolean {
  return (search.get(name) ?? '') !== ''
}
