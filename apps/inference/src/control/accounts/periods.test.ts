import { expect, test } from 'vitest'
import { endOf, firstOf, periodOf, periodsOf } from './periods.ts'

test('a moment is in one day and one month of UTC, wherever the server stands', () => {
  expect(periodsOf(new Date('2026-11-30T23:59:59.999Z'))).toEqual([
    { period: 'day', startsOn: '2026-11-30' },
    { period: 'month', startsOn: '2026-11-01' },
  ])
  expect(periodsOf(new Date('2026-12-01T01:30:00+02:00'))).toEqual(
    periodsOf(new Date('2026-11-30T23:30:00Z')),
  )
})

test.each([
  ['day', '2026-11-20', '2026-11-21'],
  ['day', '2026-11-30', '2026-12-01'],
  ['day', '2026-12-31', '2027-01-01'],
  ['day', '2028-02-28', '2028-02-29'],
  ['day', '2027-02-28', '2027-03-01'],
  ['month', '2026-01-01', '2026-02-01'],
  ['month', '2026-12-01', '2027-01-01'],
] as const)('the %s of %s ends where %s begins', (period, startsOn, next) => {
  expect(endOf({ period, startsOn }).toISOString()).toBe(`${next}T00:00:00.000Z`)
})

test('so many periods back, over the ends of months and years', () => {
  const at = new Date('2026-03-31T12:00:00Z')

  expect(firstOf(periodOf('day', at), 1)).toBe('2026-03-31')
  expect(firstOf(periodOf('day', at), 32)).toBe('2026-02-28')
  expect(firstOf(periodOf('month', at), 1)).toBe('2026-03-01')
  expect(firstOf(periodOf('month', at), 2)).toBe('2026-02-01')
  expect(firstOf(periodOf('month', at), 14)).toBe('2025-02-01')
})
