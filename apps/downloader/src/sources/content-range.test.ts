import { expect, test } from 'vitest'
import { parseContentRange } from './content-range.ts'

test.each([
  ['bytes 0-99/1000', { start: 0, end: 99, total: 1000 }],
  ['bytes 500-999/1000', { start: 500, end: 999, total: 1000 }],
  ['Bytes 5-9/*', { start: 5, end: 9 }],
  ['bytes */1000', { total: 1000 }],
])('%s is read', (header, range) => {
  expect(parseContentRange(header)).toEqual(range)
})

test.each([
  undefined,
  '',
  'bytes 10-5/100',
  'bytes 0-100/100',
  'bytes */*',
  'items 0-1/2',
  'bytes 0-9/10, 0-9/10',
  'bytes -1-5/10',
  `bytes 0-${'9'.repeat(30)}/*`,
])('%s breaks the rules', (header) => {
  expect(parseContentRange(header)).toBeUndefined()
})
