import type { GetSearchQuery, ModelCard } from '@easel/client'

export const tabs = ['search', 'library', 'bundles', 'updates'] as const
export type Tab = (typeof tabs)[number]

/** What the address of the models view holds. */
export type ModelsSearch = {
  tab?: Exclude<Tab, 'search'>
  q?: string
  source?: ModelCard['source']
  type?: ModelCard['type']
  base?: string
  sort?: Exclude<NonNullable<GetSearchQuery['sort']>, 'relevance'>
  nsfw?: NonNullable<GetSearchQuery['maxNsfw']>
  period?: NonNullable<GetSearchQuery['period']>
  creator?: string
  tag?: string
  commercial?: true
  installed?: true
  favorite?: true
  /** `source:id` of the one that is looked at. */
  model?: string
  /** Of the library: what is shown. */
  care?: 'duplicates' | 'misplaced' | 'unsafe'
}

/** Changes the address: another filter, another view. */
export type Go = (change: Partial<Record<keyof ModelsSearch, unknown>>, replace?: boolean) => void

export const sources = { civitai: 'CivitAI', huggingface: 'Hugging Face', local: 'Library' } as const

export const typeNames: Record<ModelCard['type'], string> = {
  checkpoint: 'Checkpoint',
  'diffusion-model': 'Diffusion model',
  lora: 'LoRA',
  locon: 'LoCon',
  dora: 'DoRA',
  embedding: 'Embedding',
  vae: 'VAE',
  'text-encoder': 'Text encoder',
  'clip-vision': 'CLIP vision',
  controlnet: 'ControlNet',
  upscaler: 'Upscaler',
  'motion-module': 'Motion module',
  hypernetwork: 'Hypernetwork',
  detection: 'Detection',
  workflow: 'Workflow',
  wildcards: 'Wildcards',
  poses: 'Poses',
  other: 'Other',
}

export const sorts = {
  downloads: 'Most downloads',
  likes: 'Most likes',
  newest: 'Newest',
  updated: 'Last updated',
  name: 'Name',
} as const
export const levels = {
  pg: 'Harmless only',
  pg13: 'Up to PG-13',
  r: 'Up to R',
  x: 'Up to X',
  xxx: 'Everything',
} as const
export const periods = {
  day: 'Last day',
  week: 'Last week',
  month: 'Last month',
  year: 'Last year',
  all: 'All time',
} as const

const oneOf = <T extends object>(choices: T, value: unknown): keyof T | undefined =>
  typeof value === 'string' && Object.hasOwn(choices, value) ? (value as keyof T) : undefined

const text = (value: unknown): string | undefined => {
  const written = typeof value === 'number' ? String(value) : value
  return typeof written === 'string' && written !== '' ? written.slice(0, 200) : undefined
}

const flag = (value: unknown): true | undefined => (value === true || value === 'true' ? true : undefined)

export function readModelsSearch(search: Record<string, unknown>): ModelsSearch {
  const read = {
    tab: tabs.slice(1).find((tab) => tab === search['tab']),
    q: text(search['q']),
    source: oneOf(sources, search['source']),
    type: oneOf(typeNames, search['type']),
    base: text(search['base']),
    sort: oneOf(sorts, search['sort']),
    nsfw: oneOf(levels, search['nsfw']),
    period: oneOf(periods, search['period']),
    creator: text(search['creator']),
    tag: text(search['tag']),
    commercial: flag(search['commercial']),
    installed: flag(search['installed']),
    favorite: flag(search['favorite']),
    model: text(search['model']),
    care: (['duplicates', 'misplaced', 'unsafe'] as const).find((each) => each === search['care']),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as ModelsSearch
}

/** What the server is asked. */
export function toQuery({
  q,
  source,
  type,
  base,
  sort,
  nsfw,
  period,
  creator,
  tag,
  commercial,
  installed,
  favorite,
}: ModelsSearch): GetSearchQuery {
  const query = {
    q,
    sources: source && [source],
    type: type && [type],
    base: base === undefined ? undefined : [base],
    tag: tag === undefined ? undefined : [tag],
    sort,
    maxNsfw: nsfw,
    period,
    creator,
    commercialUse: commercial,
    installed,
    favorite,
  }
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as GetSearchQuery
}

export const nameOfModel = ({ source, id }: Pick<ModelCard, 'source' | 'id'>): string => `${source}:${id}`

export function readModelName(text: string): Pick<ModelCard, 'source' | 'id'> | undefined {
  const at = text.indexOf(':')
  const source = oneOf(sources, text.slice(0, at))
  return source === undefined || at < 0 ? undefined : { source, id: text.slice(at + 1) }
}
