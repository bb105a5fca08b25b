import { expect, test } from 'vitest'
import { decodeSearchCursor, encodeSearchCursor } from './search-cursor.ts'
import type { SearchCursor } from './search-cursor.ts'

const ranked: SearchCursor = {
  order: 'relevance',
  seen: 50,
  edges: { all: ['12', '7'], names: null },
  ranked: { score: '4.250000001', key: '3' },
  instead: undefined,
  place: undefined,
}

test('a cursor comes back as it was, and is short', () => {
  const text = encodeSearchCursor({ ...ranked, instead: 'größe' })

  expect(decodeSearchCursor(text, 'relevance')).toEqual({ ...ranked, instead: 'größe' })
  expect(text.length).toBeLessThan(500)
})

const packed = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test.each([
  'nonsense',
  packed(null),
  packed({}),
  encodeSearchCursor({ order: 'name', seen: 1, place: ['a', '1'] }),
  packed(['relevance', -1, null, [null, null], ['1', '2'], null]),
  packed(['relevance', 1, null, null, ['1', '2'], null]),
  packed(['relevance', 1, null, [null, null], ['1; drop', '2'], null]),
  packed(['relevance', 1, null, [['x', '1'], null], ['1', '2'], null]),
  packed(['relevance', 1, 7, [null, null], ['1', '2'], null]),
  packed(['relevance', 1, null, [null, null], null, null]),
])('%s is refused', (text) => {
  expect(() => decodeSearchCursor(text, 'relevance')).toThrow('another search')
})

test('a place of another kind is refused', () => {
  expect(() => decodeSearchCursor(packed(['newest', 1, null, null, null, ['12', '1']]), 'newest')).toThrow(
    'another search',
  )
  const never = ['newest', 1, null, null, null, ['2026-02-30 00:00:00+00', '1']]
  expect(() => decodeSearchCursor(packed(never), 'newest')).toThrow('another search')
  expect(() => decodeSearchCursor(packed(['name', 1, null, null, null, ['a\0', '1']]), 'name')).toThrow(
    'another search',
  )
})
