import { isCare, levels, orders, periods, sorts, sources, states, tabs, typeNames } from './models-words.ts'
import type { GetSearchQuery, ModelCard } from '@easel/client'
import type { Care, Tab } from './models-words.ts'

/** What the address of the models view holds. */
export type ModelsSearch = {
  tab?: Exclude<Tab, 'search'>
  q?: string
  source?: ModelCard['source']
  type?: ModelCard['type']
  base?: string
  sort?: keyof typeof sorts
  nsfw?: NonNullable<GetSearchQuery['maxNsfw']>
  period?: NonNullable<GetSearchQuery['period']>
  creator?: string
  tag?: string
  /** Of Hugging Face. */
  task?: string
  commercial?: true
  installed?: true
  favorite?: true
  /** `source:id` of the one that is looked at. */
  model?: string
  /** Of that one: which version. */
  version?: string
  /** Of the library: what is wrong with the files that are shown. */
  care?: Care
  folder?: string
  root?: string
  linked?: 'yes' | 'no'
  format?: 'safetensors' | 'gguf' | 'pickle' | 'other'
  order?: keyof typeof orders
  /** The file that is looked at. */
  file?: string
  /** The collection that is looked at. */
  collection?: string
  /** Of bundles, or of what the hub holds. */
  state?: keyof typeof states
}

/** Changes the address: another filter, another view. */
export type Go = (change: Partial<Record<keyof ModelsSearch, unknown>>, replace?: boolean) => void

/** To a file of the library, whatever was searched before. */
export const toFile = (id: string): Parameters<Go>[0] => ({
  ...Object.fromEntries(
    ['q', 'source', 'type', 'base', 'tag', 'model', 'version'].map((key) => [key, undefined]),
  ),
  tab: 'library',
  file: id,
})

const oneOf = <T extends object>(choices: T, value: unknown): keyof T | undefined =>
  typeof value === 'string' && Object.hasOwn(choices, value) ? (value as keyof T) : undefined

const among = <T extends string>(choices: readonly T[], value: unknown): T | undefined =>
  choices.find((each) => each === value)

const text = (value: unknown): string | undefined => {
  const written = typeof value === 'number' ? String(value) : value
  return typeof written === 'string' && written !== '' ? written.slice(0, 200) : undefined
}

const flag = (value: unknown): true | undefined => (value === true || value === 'true' ? true : undefined)

export function readModelsSearch(search: Record<string, unknown>): ModelsSearch {
  const task = text(search['task'])?.toLowerCase()
  return given({
    tab: tabs.slice(1).find((tab) => tab === search['tab']) as ModelsSearch['tab'],
    q: text(search['q']),
    source: oneOf(sources, search['source']),
    type: oneOf(typeNames, search['type']),
    base: text(search['base']),
    sort: oneOf(sorts, search['sort']),
    nsfw: oneOf(levels, search['nsfw']),
    period: oneOf(periods, search['period']),
    creator: text(search['creator']),
    tag: text(search['tag']),
    task: task !== undefined && /^[a-z0-9-]{1,60}$/.test(task) ? task : undefined,
    commercial: flag(search['commercial']),
    installed: flag(search['installed']),
    favorite: flag(search['favorite']),
    model: text(search['model']),
    version: text(search['version']),
    care: isCare(search['care']) ? search['care'] : undefined,
    folder: text(search['folder']),
    root: text(search['root']),
    linked: among(['yes', 'no'], search['linked']),
    format: among(['safetensors', 'gguf', 'pickle', 'other'], search['format']),
    order: oneOf(orders, search['order']),
    file: text(search['file']),
    collection: text(search['collection']),
    state: oneOf(states, search['state']),
  })
}

/** What the server is asked. */
export function toQuery(search: ModelsSearch): GetSearchQuery {
  const { q, source, type, base, tag, task, sort, nsfw, period, creator } = search
  return given({
    q,
    sources: source && [source],
    type: type && [type],
    base: base === undefined ? undefined : [base],
    tag: tag === undefined ? undefined : [tag],
    task,
    sort,
    maxNsfw: nsfw,
    period,
    creator,
    commercialUse: search.commercial,
    installed: search.installed,
    favorite: search.favorite,
  })
}

export const nameOfModel = ({ source, id }: Pick<ModelCard, 'source' | 'id'>): string => `${source}:${id}`

export function readModelName(name: string): Pick<ModelCard, 'source' | 'id'> | undefined {
  const at = name.indexOf(':')
  const source = oneOf(sources, name.slice(0, at))
  return source === undefined || at < 0 ? undefined : { source, id: name.slice(at + 1) }
}

/** Without what there is not. */
function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as unknown as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
