import { expect, test } from 'vitest'
import { formatAge, formatBytes, formatMs, formatPercent, formatSeconds } from './units.ts'

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [6_938_078_334, '6.5 GiB'],
  [180 * 1024 ** 2, '180 MiB'],
  [null, ''],
])('%s bytes are shown as "%s"', (bytes, shown) => {
  expect(formatBytes(bytes)).toBe(shown)
})

test.each([
  [0.42, '0.4s'],
  [9, '9s'],
  [59.6, '1m 0s'],
  [185, '3m 5s'],
  [7_800, '2h 10m'],
  [356_400, '4d 3h'],
  [undefined, ''],
])('%s seconds are shown as "%s"', (seconds, shown) => {
  expect(formatSeconds(seconds)).toBe(shown)
})

test('milliseconds become seconds when there are many', () => {
  expect([formatMs(42), formatMs(1_500), formatMs(null)]).toEqual(['42ms', '1.5s', ''])
})

test('an age is told from now, and a clock that is a little ahead does not matter', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')

  expect(formatAge('2026-11-20T11:56:55Z', now)).toBe('3m 5s ago')
  expect(formatAge('2026-11-20T12:00:02Z', now)).toBe('now')
  expect(formatAge('2026-11-20T13:00:00Z', now)).toBe('in 1h 0m')
  expect(formatAge('soon', now)).toBe('')
})

test('a hundred per cent is not said before all is done', () => {
  expect([formatPercent(0.999), formatPercent(1), formatPercent(7), formatPercent(-1)]).toEqual([
    '99%',
    '100%',
    '100%',
    '0%',
  ])
})
