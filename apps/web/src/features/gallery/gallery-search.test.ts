import { expect, test } from 'vitest'
import { dayOf, filtersOf, isFiltered, noFilters, readGallerySearch, toQuery } from './gallery-search.ts'

test('what the address says is taken, and what means nothing is left out', () => {
  expect(
    readGallerySearch({
      q: 2026,
      kind: 'video',
      rating: '4',
      favorite: 'true',
      since: '2026-11-01',
      until: 'yesterday',
      sort: 'worst',
      tag: '',
      by: 'me',
    }),
  ).toEqual({ q: '2026', kind: 'video', rating: 4, favorite: true, since: '2026-11-01', by: 'me' })
})

test.each(['2026-13-01', '2026-02-32', '0000-01-01', '20261101', '2026-11-01T00:00'])(
  '%s is no day',
  (since) => expect(readGallerySearch({ since })).toEqual({}),
)

test('days are the reader’s own, and the last one is inside', () => {
  const { since, until } = toQuery({ since: '2026-11-19', until: '2026-11-20' }, 'ann')

  expect(new Date(since!).getTime()).toBe(new Date(2026, 10, 19).getTime())
  expect(new Date(until!).getTime()).toBe(new Date(2026, 10, 21).getTime())
})

test('who looks is meant by "me", and what is open is not asked for', () => {
  expect(toQuery({ by: 'me', asset: 'a', session: 's', model: 'm' }, 'ann')).toEqual({
    createdBy: 'ann',
    sessionId: 's',
    model: 'm',
  })
})

test('an order is no filter', () => {
  expect(isFiltered({ sort: 'oldest', asset: 'x' })).toBe(false)
  expect(filtersOf({ sort: 'oldest', q: 'fox', favorite: true })).toEqual(['q', 'favorite'])
  expect(isFiltered({ ...readGallerySearch({ tag: 'sea', lora: 'x' }), ...noFilters })).toBe(false)
})

test('days are counted back over the ends of months', () => {
  expect([dayOf(0, new Date(2026, 2, 1, 23, 59)), dayOf(1, new Date(2026, 2, 1))]).toEqual([
    '2026-03-01',
    '2026-02-28',
  ])
})
