import type {
  FacetValue,
  Facets,
  SearchModels,
  SearchPage,
  SearchPeriod,
  SuggestModels,
} from '@easel/contracts'
import type { Database } from '@easel/database'
import { AppError } from '@easel/protocol'
import { CardsService } from './cards.service.ts'
import { rankOfLevel } from './nsfw.ts'
import { decodeSearchCursor, encodeSearchCursor } from './search-cursor.ts'
import type { SearchCursor } from './search-cursor.ts'
import type { SearchFilter } from './search-statement.ts'
import { SearchRepository } from './search.repository.ts'
import type { FacetRow } from './search.repository.ts'
import { askedWords, wordQueries } from './search-words.ts'
import type { AskedWords } from './search-words.ts'
import type { SourceAsker } from './source-asker.ts'
import { nearest } from './spelling.ts'
import { SpellingRepository } from './spelling.repository.ts'

type Found = { readonly keys: readonly string[]; readonly next: SearchCursor | undefined }
type Wish = {
  readonly filter: SearchFilter
  readonly limit: number
  readonly cursor: SearchCursor | undefined
  /** In how many models each word is. */
  readonly known: ReadonlyMap<string, number>
}

/** Fewer than this, and another spelling is offered. */
const few = 3
const mostSuggestions = 10
const manyUses = 200

/** One search over all that is known; sources are asked first, and what they say is known then. */
export class SearchService {
  private readonly cards: CardsService
  private readonly search: SearchRepository
  private readonly spelling: SpellingRepository
  private readonly asker: SourceAsker

  constructor(database: Database, asker: SourceAsker) {
    this.asker = asker
    this.cards = new CardsService(database)
    this.search = new SearchRepository(database)
    this.spelling = new SpellingRepository(database)
  }

  async find(input: SearchModels, userId: string): Promise<SearchPage> {
    refuseNul(input)
    const words = input.q === undefined ? undefined : askedWords(input.q)
    const order = orderOf(input, words)
    const cursor = input.cursor === undefined ? undefined : decodeSearchCursor(input.cursor, order)
    const sources = await this.asker.ask(input, cursor?.seen ?? 0)
    const known = words ? await this.spelling.usesOf(words.words) : new Map<string, number>()
    const filter = { ...toFilter(input, userId), words: words && finished(words, known) }
    // A question of signs alone finds nothing rather than everything.
    if (input.q !== undefined && !words) return { items: [], nextCursor: null, sources }
    const { found, instead, shown } = await this.findWords(
      { filter, limit: input.limit ?? 50, cursor, known },
      order,
    )
    const [cards, facets] = await Promise.all([
      this.cards.show(found.keys, { userId, nsfwRank: filter.nsfwRank }),
      input.facets ? this.facetsOf(shown) : undefined,
    ])
    return {
      items: [...cards.values()],
      nextCursor: found.next ? encodeSearchCursor(found.next) : null,
      sources,
      ...(facets ? { facets } : {}),
      didYouMean: instead ?? null,
    }
  }

  async suggest({ q, maxNsfw }: SuggestModels): Promise<string[]> {
    const words = askedWords(q)
    if (!words) return []
    const names = await this.search.suggest({
      query: wordQueries(words).names,
      nsfwRank: rankOfLevel(maxNsfw),
      limit: 2 * mostSuggestions,
    })
    return [...new Set(names)].slice(0, mostSuggestions)
  }

  /** Looks for another spelling where little is found, and for it alone where nothing is. */
  private async findWords(
    wish: Wish,
    order: SearchCursor['order'],
  ): Promise<{ found: Found; instead: string | undefined; shown: SearchFilter }> {
    const { filter, cursor } = wish
    if (cursor?.instead !== undefined) {
      const corrected = { ...filter, words: askedWords(cursor.instead) }
      const found = await this.page({ ...wish, filter: corrected }, order)
      return { found: withSpelling(found, cursor.instead), instead: cursor.instead, shown: corrected }
    }
    const found = await this.page(wish, order)
    if (!filter.words || cursor || found.keys.length >= few) {
      return { found, instead: undefined, shown: filter }
    }
    const instead = await this.correct(filter.words, wish.known)
    if (instead === undefined || found.keys.length > 0) return { found, instead, shown: filter }
    const corrected = { ...filter, words: askedWords(instead) }
    const other = await this.page({ ...wish, filter: corrected }, order)
    return { found: withSpelling(other, instead), instead, shown: corrected }
  }

  private page(wish: Wish, order: SearchCursor['order']): Promise<Found> {
    return order === 'relevance' ? this.ranked(wish) : this.sorted(wish, order)
  }

  private async sorted({ filter, limit, cursor }: Wish, order: Exclude<SearchCursor['order'], 'relevance'>) {
    const rows = await this.search.page({ filter, order, after: cursor?.place, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    const seen = (cursor?.seen ?? 0) + page.length
    return {
      keys: page.map(({ key }) => key),
      next: last ? { order, seen, place: [last.value, last.key] as const } : undefined,
    }
  }

  /** The candidates by how well they fit; when these are at an end, the rest by downloads. */
  private async ranked({ filter, limit, cursor }: Wish): Promise<Found> {
    const { words } = filter
    if (!words) return { keys: [], next: undefined }
    const known = { ...filter, words }
    const seen = cursor?.seen ?? 0
    let edges = cursor?.edges
    const keys: string[] = []
    if (!cursor?.place) {
      const first = await this.search.ranked({
        filter: known,
        limit: limit + 1,
        edges,
        after: cursor?.ranked,
      })
      edges ??= first.edges
      const page = first.rows.slice(0, limit)
      keys.push(...page.map(({ key }) => key))
      const last = page.at(-1)
      if (first.rows.length > limit && last) {
        return { keys, next: { order: 'relevance', seen: seen + keys.length, edges, ranked: last } }
      }
    }
    const from = cursor?.place ?? edges?.all
    if (!edges || !from) return { keys, next: undefined }
    const rows = await this.search.tail({ filter: known, limit: limit - keys.length + 1, edges, after: from })
    const page = rows.slice(0, limit - keys.length)
    const last = page.at(-1)
    keys.push(...page.map(({ key }) => key))
    const place = last ? ([last.value, last.key] as const) : from
    const next = { order: 'relevance' as const, seen: seen + keys.length, edges, place }
    return { keys, next: rows.length > page.length ? next : undefined }
  }

  /** `undefined` when all words are known, or none is like the unknown ones. */
  private async correct(
    { words }: AskedWords,
    known: ReadonlyMap<string, number>,
  ): Promise<string | undefined> {
    const corrected = await Promise.all(
      words.map(async (word) => {
        if (known.has(word) || word.length < 4 || /^\p{N}+$/u.test(word)) return word
        return nearest(word, await this.spelling.listNear(word)) ?? word
      }),
    )
    const text = corrected.join(' ')
    return text === words.join(' ') ? undefined : text
  }

  private async facetsOf(filter: SearchFilter): Promise<Facets> {
    const { rows, exact } = await this.search.facets(filter)
    const values = (of: FacetRow['of']): FacetValue[] =>
      rows
        .filter((row) => row.of === of)
        .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
        .map(({ value, count }) => ({ value, count }))
    return { type: values('type'), family: values('family'), source: values('source'), exact }
  }
}

function toFilter(input: SearchModels, userId: string): Omit<SearchFilter, 'words'> {
  return {
    sources: input.sources,
    types: input.type,
    bases: input.base,
    tags: input.tag,
    creator: input.creator,
    task: input.task,
    commercialUse: input.commercialUse,
    installed: input.installed,
    favoriteOf: input.favorite === undefined ? undefined : { userId, favorite: input.favorite },
    days: input.period === undefined ? undefined : daysOf[input.period],
    nsfwRank: rankOfLevel(input.maxNsfw),
  }
}

const daysOf: Readonly<Record<SearchPeriod, number | undefined>> = {
  day: 1,
  week: 7,
  month: 31,
  year: 366,
  all: undefined,
}

function orderOf({ sort }: SearchModels, words: AskedWords | undefined): SearchCursor['order'] {
  const asked = sort ?? 'relevance'
  return asked === 'relevance' && !words ? 'downloads' : asked
}

/** What is a word that many have is not looked for as the beginning of others: that takes long and brings no more. */
function finished(asked: AskedWords, known: ReadonlyMap<string, number>): AskedWords {
  return asked.unfinished && (known.get(asked.words.at(-1)!) ?? 0) >= manyUses
    ? { ...asked, unfinished: false }
    : asked
}

const withSpelling = ({ keys, next }: Found, instead: string): Found => ({
  keys,
  next: next && { ...next, instead },
})

/** Postgres has no texts with NUL in them. */
function refuseNul(input: object): void {
  for (const [path, value] of Object.entries(input)) {
    const texts: unknown[] = Array.isArray(value) ? value : [value]
    if (texts.some((text) => typeof text === 'string' && text.includes('\0'))) {
      throw new AppError('invalid', 'The question is not right', {
        faults: [{ path, message: 'must not hold a NUL' }],
      })
    }
  }
}
