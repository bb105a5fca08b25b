import { expect, test } from 'vitest'
import { allowsRange, matchesTag, readRange } from './byte-range.ts'

test.each([
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=0-', { start: 0, end: 9 }],
  ['bytes=3-5', { start: 3, end: 5 }],
  ['bytes=3-500', { start: 3, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-500', { start: 0, end: 9 }],
  ['BYTES= 1-2', { start: 1, end: 2 }],
  ['bytes=9-9', { start: 9, end: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=10-20', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
  ['bytes=5-3', undefined],
  ['bytes=-', undefined],
  ['bytes=', undefined],
  ['bytes=a-b', undefined],
  ['bytes=0-1,3-4', undefined],
  [`bytes=${Array.from({ length: 1_000 }, () => '0-1').join(',')}`, undefined],
  ['lines=0-1', undefined],
  ['', undefined],
  [undefined, undefined],
])('%j of ten bytes is %j', (header, range) => {
  expect(readRange(header, 10)).toEqual(range)
})

test('nothing of no bytes can be had', () => {
  expect(readRange('bytes=0-', 0)).toBe('unsatisfiable')
  expect(readRange('bytes=-1', 0)).toBe('unsatisfiable')
  expect(readRange(undefined, 0)).toBeUndefined()
})

test('If-None-Match compares weakly, If-Range strongly', () => {
  expect(matchesTag('W/"a", "b"', '"a"')).toBe(true)
  expect(matchesTag('*', '"a"')).toBe(true)
  expect(matchesTag('"c"', '"a"')).toBe(false)
  expect(allowsRange('"a"', '"a"')).toBe(true)
  expect(allowsRange('W/"a"', '"a"')).toBe(false)
  expect(allowsRange('Wed, 21 Oct 2026 07:28:00 GMT', '"a"')).toBe(false)
})
