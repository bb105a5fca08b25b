/*
 * Words of the search, made here and not by the parser of Postgres, which takes `flux.1` for a host and `v1-5` for
 * a number. Both sides, what is stored and what is asked, go through `wordsOf`.
 */

const longestText = 20_000
const longestWord = 48
const mostNameWords = 40
const mostBodyWords = 1_500
const mostAskedWords = 12
/** A shorter one begins half of all words. */
const shortestBeginning = 3

/** Too common to tell anything in a description. */
const fillers = new Set(
  (
    'a an and are as at be been but by can do for from has have how i if in into is it its just me more my no not ' +
    'of on or so some such than that the their them then there these they this to was we were what when which will ' +
    'with would you your'
  ).split(' '),
)

export function wordsOf(text: string): string[] {
  return (
    plain(text)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).map((word) => word.slice(0, longestWord))
}

/** Compatible forms (`ﬁ`, full width) as the usual ones, without accents. */
function plain(text: string): string {
  return text
    .slice(0, longestText)
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
}

/** As names are compared and sorted. */
export function nameKeyOf(name: string): string {
  return wordsOf(name).join(' ').slice(0, 200)
}

/**
 * Words of a name with what hides in it: `DreamShaperXL` is dream, shaper and xl too, and `Dream Shaper` is found
 * as `dreamshaper`.
 */
export function nameWords(name: string): string[] {
  const parts = plain(name)
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, ' ')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
  const whole = wordsOf(name)
  const pairs = whole.slice(1).map((word, index) => (whole[index]! + word).slice(0, longestWord))
  return distinct([...whole, ...(parts ?? []), ...pairs]).slice(0, mostNameWords)
}

export type SearchTexts = {
  readonly name: string
  readonly creator: string | null
  readonly tags: readonly string[]
  readonly triggers: readonly string[]
  /** Names of base models and families. */
  readonly bases: readonly string[]
  /** Versions, files. */
  readonly names: readonly string[]
  readonly description: string | null
}

/** What stands in the two vectors, as the text of a `tsvector`, and the words that spelling is corrected with. */
export function searchVectors(texts: SearchTexts, filters: readonly string[]) {
  const weighted: readonly (readonly [string[], string])[] = [
    [nameWords(texts.name), 'A'],
    [wordsOf(texts.creator ?? ''), 'B'],
    [texts.tags.slice(0, 60).flatMap(wordsOf), 'C'],
    [texts.triggers.slice(0, 60).flatMap(wordsOf), 'C'],
    [texts.bases.flatMap(wordsOf), 'D'],
  ]
  const placed = new Map<string, string>()
  let place = 0
  for (const [words, weight] of weighted) {
    for (const word of words) {
      if (placed.size >= 200 || placed.has(word)) continue
      placed.set(word, `${++place}${weight}`)
    }
  }
  const body = distinct(
    [...texts.names.slice(0, 100).flatMap(nameWords), ...wordsOf(texts.description ?? '')].filter(
      (word) => word.length > 1 && !fillers.has(word),
    ),
  ).slice(0, mostBodyWords)
  return {
    nameVector: [...placed].map(([word, position]) => `${lexeme(word)}:${position}`).join(' '),
    vector: distinct([
      ...placed.keys(),
      ...[...placed.keys()].map(inName),
      ...body,
      ...filters.map(cleanFilter),
    ])
      .map(lexeme)
      .join(' '),
    // Not the joined pairs: nobody means these but by leaving a space out.
    spelling: distinct([
      ...wordsOf(texts.name),
      ...wordsOf(texts.creator ?? ''),
      ...texts.tags.slice(0, 60).flatMap(wordsOf),
    ]).filter((word) => word.length >= 3 && !/^\p{N}+$/u.test(word)),
  }
}

/** A word where it stands in a name, or with the maker, tags and trigger words. */
const inName = (word: string) => `@${word}`

/** A filter as a word: `lora` of `type` is `type=lora`. No word of a text has an equals sign in it. */
export function filterWord(kind: string, value: string): string {
  return `${kind}=${value.normalize('NFKC').trim().toLowerCase().slice(0, 100)}`
}

export type AskedWords = {
  readonly words: readonly string[]
  /** The last may be the beginning of a word. */
  readonly unfinished: boolean
  readonly nameKey: string
}

/** `undefined` when there is no word in it. */
export function askedWords(text: string): AskedWords | undefined {
  const given = distinct(wordsOf(text)).slice(0, mostAskedWords)
  const telling = given.filter((word) => !fillers.has(word) && word.length > 1)
  const words = telling.length > 0 ? telling : given
  const last = words.at(-1)
  if (last === undefined) return undefined
  const unfinished =
    /[\p{L}\p{N}]$/u.test(text) && wordsOf(text).at(-1) === last && last.length >= shortestBeginning
  return { words, unfinished, nameKey: nameKeyOf(text) }
}

/** As texts of a `tsquery`: all of the words, all in the name, and any of them, for ranking. */
export function wordQueries({ words, unfinished }: AskedWords): { all: string; names: string; any: string } {
  const asked = (word: string, index: number) =>
    unfinished && index === words.length - 1 ? `${lexeme(word)}:*` : lexeme(word)
  return {
    all: words.map(asked).join(' & '),
    names: words.map((word, index) => asked(inName(word), index)).join(' & '),
    any: words.map(asked).join(' | '),
  }
}

/** As Postgres reads a lexeme in quotes. */
export function lexeme(word: string): string {
  return `'${special.test(word) ? word.replaceAll(everySpecial, '$&$&') : word}'`
}

const special = /[\\']/
const everySpecial = /[\\']/g

const cleanFilter = (word: string) => word.replaceAll('\0', '')

const distinct = (words: readonly string[]): string[] => [...new Set(words)]
