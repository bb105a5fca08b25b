import { expect, test } from 'vitest'
import {
  askedWords,
  filterWord,
  lexeme,
  nameKeyOf,
  nameWords,
  searchVectors,
  wordQueries,
  wordsOf,
} from './search-words.ts'

test.each([
  ['DreamShaper XL v2.0', ['dreamshaper', 'xl', 'v2', '0']],
  ['flux.1-dev', ['flux', '1', 'dev']],
  ['Crème Brûlée', ['creme', 'brulee']],
  ['ＦＵＬＬ ﬁne', ['full', 'fine']],
  ['水彩 style', ['水彩', 'style']],
  ['🙂 !!', []],
])('%s is made of its words', (text, words) => {
  expect(wordsOf(text)).toEqual(words)
})

test('a name is found by what hides in it, and by its words as one', () => {
  expect(nameWords('DreamShaperXL')).toEqual(
    expect.arrayContaining(['dreamshaperxl', 'dream', 'shaper', 'xl']),
  )
  expect(nameWords('Dream Shaper')).toContain('dreamshaper')
})

test('what is asked goes without fillers, unless there is nothing else', () => {
  expect(askedWords('a girl with the pearl')).toMatchObject({ words: ['girl', 'pearl'] })
  expect(askedWords('the')).toMatchObject({ words: ['the'] })
  expect(askedWords('?!')).toBeUndefined()
})

test('the last word may be unfinished, but not when something follows it or it is short', () => {
  expect(wordQueries(askedWords('soft lig')!)).toEqual({
    all: "'soft' & 'lig':*",
    names: "'@soft' & '@lig':*",
    any: "'soft' | 'lig':*",
  })
  expect(askedWords('soft light ')).toMatchObject({ unfinished: false })
  expect(askedWords('soft li')).toMatchObject({ unfinished: false })
})

test('no text ends a lexeme early', () => {
  expect(lexeme(String.raw`it's \ all`)).toBe(String.raw`'it''s \\ all'`)
  expect(filterWord('tag', ' A:B ')).toBe('tag=a:b')
})

test('an endless text is cut, and a name is compared by its words', () => {
  const { vector, spelling } = searchVectors(
    {
      name: 'x'.repeat(1_000_000),
      creator: null,
      tags: Array.from({ length: 10_000 }, (_, index) => `tag ${index}`),
      triggers: [],
      bases: [],
      names: [],
      description: 'word '.repeat(1_000_000),
    },
    [],
  )

  expect(vector.length).toBeLessThan(50_000)
  expect(spelling.length).toBeLessThan(500)
  expect(nameKeyOf(' Ein_Name -- (v2) ')).toBe('ein name v2')
})
