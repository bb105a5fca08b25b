import { filterWord, lexeme, wordQueries } from './search-words.ts'
import type { AskedWords } from './search-words.ts'

/** What is looked for, as columns and words of the tables know it. */
export type SearchFilter = {
  readonly words?: AskedWords | undefined
  readonly sources?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  readonly bases?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
  readonly creator?: string | undefined
  readonly task?: string | undefined
  readonly commercialUse?: boolean | undefined
  /** Of this user. */
  readonly favoriteOf?: { readonly userId: string; readonly favorite: boolean } | undefined
  readonly installed?: boolean | undefined
  /** Not older than so many days. */
  readonly days?: number | undefined
  readonly nsfwRank: number
}

class Bindings {
  readonly values: unknown[] = []

  bind(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`
  }
}

/** Where a statement looks for words: in all of a row, in names only, in rows of the sample, or nowhere. */
type Reach = 'all' | 'names' | 'sample' | 'none'

const sourceCount = 3

function conditionsOf(filter: SearchFilter, bindings: Bindings, reach: Reach): string[] {
  const { sources, nsfwRank, installed, favoriteOf, days } = filter
  const asked = [...wordsFor(filter, reach), ...filterQueries(filter)]
  // Not a word as the others are: the list of all that is PG would be read through each time.
  const conditions = [`m.nsfw_rank <= ${bindings.bind(nsfwRank, 'int')}`]
  if (asked.length > 0) conditions.push(`m.words @@ ${bindings.bind(asked.join(' & '), 'tsquery')}`)
  // A library file whose model is shown from elsewhere is not shown twice.
  if (sources && sources.length < sourceCount) {
    const place = bindings.bind(sources, 'text[]')
    conditions.push(`(m.linked_source is null or m.linked_source <> all(${place}))`)
  } else {
    conditions.push('m.linked_source is null')
  }
  if (days !== undefined) {
    conditions.push(`m.updated_at >= now() - make_interval(days => ${bindings.bind(days, 'int')})`)
  }
  if (installed !== undefined) {
    conditions.push(`m.key ${installed ? '= any' : '<> all'} (array(${installedKeys}))`)
  }
  if (favoriteOf) {
    const user = bindings.bind(favoriteOf.userId, 'uuid')
    conditions.push(
      `m.key ${favoriteOf.favorite ? '= any' : '<> all'} (array(
        select k.key from favorites f join models k on k.source = f.source and k.id = f.model_id
        where f.user_id = ${user}))`,
    )
  }
  return conditions
}

function wordsFor({ words }: SearchFilter, reach: Reach): string[] {
  if (reach === 'sample') return [...(words ? [wordQueries(words).all] : []), lexeme(sampled)]
  if (!words || reach === 'none') return []
  return [reach === 'all' ? wordQueries(words).all : wordQueries(words).names]
}

const anyOf = (kind: string, values: readonly string[]) =>
  `(${values.map((value) => lexeme(filterWord(kind, value))).join(' | ')})`

/** Each a part of a `tsquery`: filters are words, so that one index answers text and filters at once. */
function filterQueries({
  sources,
  types,
  bases,
  tags,
  creator,
  task,
  commercialUse,
}: SearchFilter): string[] {
  return [
    ...(sources && sources.length > 0 && sources.length < sourceCount ? [anyOf('source', sources)] : []),
    ...(types && types.length > 0 ? [anyOf('type', types)] : []),
    ...(bases && bases.length > 0 ? [anyOf('base', bases)] : []),
    ...(tags ?? []).map((tag) => anyOf('tag', [tag])),
    ...(creator === undefined ? [] : [anyOf('creator', [creator])]),
    ...(task === undefined ? [] : [anyOf('task', [task])]),
    ...(commercialUse ? [anyOf('commercial', ['yes'])] : []),
  ]
}

/** Models with bytes in the library; there are few of these, so the library leads. */
const installedKeys = `
  select v.model_key from files l join model_files f on f.sha256 = l.sha256 join model_versions v on v.key = f.version_key
  union all
  select k.key from files l join models k on k.source = l.model_source and k.id = l.model_id
  union all
  select k.key from models k where k.source = 'local'`

export type Order = 'downloads' | 'likes' | 'newest' | 'updated' | 'name'

type OrderRule = { readonly column: string; readonly type: string; readonly way: 'asc' | 'desc' }

export const orders: Readonly<Record<Order, OrderRule>> = {
  downloads: { column: 'm.downloads', type: 'bigint', way: 'desc' },
  likes: { column: 'm.likes', type: 'bigint', way: 'desc' },
  newest: { column: 'm.published_at', type: 'timestamptz', way: 'desc' },
  updated: { column: 'm.updated_at', type: 'timestamptz', way: 'desc' },
  name: { column: 'm.name_key', type: 'text', way: 'asc' },
}

/** Where a list was left: the value that it is sorted by, and the key. */
export type Place = readonly [value: string, key: string]

export function beyond(order: Order, place: Place, bindings: Bindings): string {
  const { column, type, way } = orders[order]
  const sign = way === 'asc' ? '>' : '<'
  return `(${column}, m.key) ${sign} (${bindings.bind(place[0], type)}, ${bindings.bind(place[1], 'bigint')})`
}

export const orderBy = (order: Order): string => {
  const { column, way } = orders[order]
  return `order by ${column} ${way}, m.key ${way}`
}

export type Statement = { readonly sql: string; readonly values: readonly unknown[] }

export type PageWish = {
  readonly filter: SearchFilter
  readonly order: Order
  readonly after?: Place | undefined
  readonly limit: number
}

export function pageStatement({ filter, order, after, limit }: PageWish): Statement {
  const bindings = new Bindings()
  const where = conditionsOf(filter, bindings, 'all')
  if (after) where.push(beyond(order, after, bindings))
  const columns = `m.key, ${orders[order].column}::text as value`
  const most = bindings.bind(limit, 'int')
  const found = where.join(' and ')
  return {
    sql:
      order === 'downloads' && filterQueries(filter).length > 0
        ? mostFetched({ columns, where: found, most })
        : `select ${columns} from models m where ${found} ${orderBy(order)} limit ${most}`,
    values: bindings.values,
  }
}

/**
 * What fits best is looked for among the most fetched that hold the words at all, and the most fetched that hold
 * them in their names: ranking every row that holds a common word takes a hundred times as long.
 */
const candidates = { all: 200, names: 100 } as const
const ranked = 'm.key, m.downloads, m.name_key, m.name_words'

export type RankedPlace = { readonly score: string; readonly key: string }

/** How far the candidates of the first page went; none: these were all. */
export type Edges = { readonly all: Place | null; readonly names: Place | null }

export type RankedWish = {
  readonly filter: SearchFilter & { readonly words: AskedWords }
  readonly limit: number
  readonly edges?: Edges | undefined
  readonly after?: RankedPlace | undefined
}

export function rankedStatement({ filter, limit, edges, after }: RankedWish): Statement {
  const bindings = new Bindings()
  const { words } = filter
  const any = bindings.bind(wordQueries(words).any, 'tsquery')
  const exact = bindings.bind(words.nameKey, 'text')
  const begins = bindings.bind(`${words.nameKey.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`, 'text')
  const part = (reach: 'all' | 'names', edge: Place | null | undefined) => {
    const where = conditionsOf(filter, bindings, reach).join(' and ')
    const most = String(candidates[reach])
    if (!edges && reach === 'all') return mostFetched({ columns: ranked, where, most }, gathered)
    // Who has all that hold the words has those that hold them in their names.
    const more = `${where} and (select count(*) from everywhere) = ${candidates.all}`
    if (!edges) return mostFetched({ columns: ranked, where: more, most }, gathered)
    const beyondEdge = edge
      ? ` and (m.downloads, m.key) >= (${bindings.bind(edge[0], 'bigint')}, ${bindings.bind(edge[1], 'bigint')})`
      : ''
    return `select ${ranked} from models m where ${where}${beyondEdge}`
  }
  const named = conditionsOf(filter, bindings, 'none')
  const beyondPlace = after
    ? `where (ranked.score, ranked.key) < (${bindings.bind(after.score, 'float8')}, ${bindings.bind(after.key, 'bigint')})`
    : ''
  return {
    sql: `
      with everywhere as materialized (${part('all', edges?.all)}),
      names as materialized (${part('names', edges?.names)}),
      same as materialized (
        select ${ranked} from (select * from models n where n.name_key = ${exact} order by n.key limit 100) m
        where ${named.join(' and ')} order by m.key limit 50),
      ranked as (
        select distinct on (c.key) c.key, (4 * ts_rank(c.name_words, ${any}) + 0.15 * ln(1 + c.downloads)
          + case when c.name_key = ${exact} then 3 when c.name_key like ${begins} then 1 else 0 end)::float8 as score
        from (select * from everywhere union all select * from names union all select * from same) c)
      select ranked.key, ranked.score::text as score,
        (select array[e.downloads::text, e.key::text] from everywhere e offset ${candidates.all - 1} limit 1) as all_edge,
        (select array[n.downloads::text, n.key::text] from names n offset ${candidates.names - 1} limit 1) as names_edge
      from ranked ${beyondPlace} order by ranked.score desc, ranked.key desc limit ${bindings.bind(limit, 'int')}`,
    values: bindings.values,
  }
}

/** As the index of the most fetched has it. */
const popular = 'm.downloads >= 10000'
const unpopular = 'm.downloads < 10000'

type Fetched = { readonly columns: string; readonly where: string; readonly most: string }

/**
 * The most fetched of many: from the index of those few that have nearly all downloads, and only where these are not
 * enough from the rest. A child with a limit is not run in parallel, which would mix the two up.
 */
function mostFetched({ columns, where, most }: Fetched, restBy = orderBy('downloads')): string {
  const part = (share: string, order: string) =>
    `(select ${columns} from models m where ${where} and ${share} ${order} limit ${most})`
  const [first, rest] = [part(popular, orderBy('downloads')), part(unpopular, restBy)]
  return `select * from (${first} union all ${rest}) t limit ${most}`
}

/**
 * Words that few of the popular have are in few of the rest: these are gathered from the index of words. The planner,
 * which knows no beginnings of words, would walk through all by downloads.
 */
const gathered = 'order by m.downloads + 0 desc, m.key desc'

export type SuggestWish = { readonly query: string; readonly nsfwRank: number; readonly limit: number }

/** Names with words that begin so, the most fetched first. */
export function suggestStatement({ query, nsfwRank, limit }: SuggestWish): Statement {
  const bindings = new Bindings()
  const where = `m.words @@ ${bindings.bind(query, 'tsquery')} and m.nsfw_rank <= ${bindings.bind(nsfwRank, 'int')}
    and m.linked_source is null`
  return {
    sql: mostFetched({ columns: 'm.name', where, most: bindings.bind(limit, 'int') }, gathered),
    values: bindings.values,
  }
}

export type TailWish = {
  readonly filter: SearchFilter & { readonly words: AskedWords }
  readonly limit: number
  readonly edges: Edges
  readonly after: Place
}

/** What comes after the candidates, by downloads. */
export function tailStatement({ filter, limit, edges, after }: TailWish): Statement {
  const bindings = new Bindings()
  const where = conditionsOf(filter, bindings, 'all')
  where.push(beyond('downloads', after, bindings))
  where.push(`m.name_key <> ${bindings.bind(filter.words.nameKey, 'text')}`)
  const inNames = `m.words @@ ${bindings.bind(wordQueries(filter.words).names, 'tsquery')}`
  where.push(
    edges.names
      ? `not (${inNames} and (m.downloads, m.key) >= (${bindings.bind(edges.names[0], 'bigint')}, ${bindings.bind(edges.names[1], 'bigint')}))`
      : `not (${inNames})`,
  )
  return {
    sql: `select m.key, m.downloads::text as value from models m
          where ${where.join(' and ')} ${orderBy('downloads')} limit ${bindings.bind(limit, 'int')}`,
    values: bindings.values,
  }
}

/** Of every so many models one is in the sample: enough to tell shares where counting takes too long. */
export const sampleShare = 64
const sampled = filterWord('sample', String(sampleShare))

/** The word that puts a model into the sample, for about one of `sampleShare`. */
export function sampleWords(digest: number): string[] {
  return digest % sampleShare === 0 ? [sampled] : []
}

export function facetStatement(filter: SearchFilter, of: 'all' | 'sample'): Statement {
  const bindings = new Bindings()
  const where = conditionsOf(filter, bindings, of === 'sample' ? 'sample' : 'all')
  return {
    sql: `
      with found as materialized (select m.type, m.family, m.source from models m where ${where.join(' and ')})
      select type, family, source, count(*)::int as count, grouping(type, family, source) as kind
      from found group by grouping sets ((type), (family), (source))`,
    values: bindings.values,
  }
}
