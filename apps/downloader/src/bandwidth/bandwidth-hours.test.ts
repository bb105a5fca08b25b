import { expect, test } from 'vitest'
import { capAt, isTimeZone } from './bandwidth-hours.ts'

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const at = (moment: string) => new Date(moment)

function cap(moment: string, hours: { days?: number[]; from: string; to: string }, timeZone = 'UTC') {
  const schedule = [{ days: everyDay, maxBytesPerSecond: 5_000, ...hours }]
  return capAt({ maxBytesPerSecond: 1_000, schedule, timeZone }, at(moment))
}

test('outside of all hours the general cap holds', () => {
  expect(cap('2026-11-20T08:59:59Z', { from: '09:00', to: '17:00' })).toBe(1_000)
  expect(cap('2026-11-20T09:00:00Z', { from: '09:00', to: '17:00' })).toBe(5_000)
  expect(cap('2026-11-20T16:59:59Z', { from: '09:00', to: '17:00' })).toBe(5_000)
  expect(cap('2026-11-20T17:00:00Z', { from: '09:00', to: '17:00' })).toBe(1_000)
})

test('hours may have no cap, and the first that fit count', () => {
  const schedule = [
    { days: [5], from: '00:00', to: '00:00', maxBytesPerSecond: null },
    { days: everyDay, from: '00:00', to: '00:00', maxBytesPerSecond: 2_000 },
  ]
  const rules = { maxBytesPerSecond: 1_000, schedule, timeZone: 'UTC' }

  expect(capAt(rules, at('2026-11-20T12:00:00Z'))).toBeNull()
  expect(capAt(rules, at('2026-11-21T12:00:00Z'))).toBe(2_000)
})

test('hours over midnight belong to the day they begin on', () => {
  const night = { days: [5], from: '22:00', to: '06:00' }

  expect(cap('2026-11-20T23:00:00Z', night)).toBe(5_000)
  expect(cap('2026-11-21T05:59:00Z', night)).toBe(5_000)
  expect(cap('2026-11-21T06:00:00Z', night)).toBe(1_000)
  expect(cap('2026-11-20T05:00:00Z', night)).toBe(1_000)
  expect(cap('2026-11-23T01:00:00Z', { days: [7], from: '22:00', to: '06:00' })).toBe(5_000)
})

test.each([
  // Berlin is at +1 in winter and at +2 in summer; in 2026 the clocks change on 29 March and 25 October.
  ['2026-03-28T08:00:00Z', 5_000],
  ['2026-03-28T07:59:00Z', 1_000],
  ['2026-03-29T07:00:00Z', 5_000],
  ['2026-03-29T06:59:00Z', 1_000],
  ['2026-10-24T07:00:00Z', 5_000],
  ['2026-10-25T07:59:00Z', 1_000],
  ['2026-10-25T08:00:00Z', 5_000],
])('at %s, nine in Berlin has come or not', (moment, wanted) => {
  expect(cap(moment, { from: '09:00', to: '17:00' }, 'Europe/Berlin')).toBe(wanted)
})

test('the hour that comes twice counts twice, the one that is left out never', () => {
  const hours = { from: '02:00', to: '03:00' }

  expect(cap('2026-10-25T00:30:00Z', hours, 'Europe/Berlin')).toBe(5_000)
  expect(cap('2026-10-25T01:30:00Z', hours, 'Europe/Berlin')).toBe(5_000)
  expect(cap('2026-10-25T02:30:00Z', hours, 'Europe/Berlin')).toBe(1_000)
  expect(cap('2026-03-29T00:59:00Z', hours, 'Europe/Berlin')).toBe(1_000)
  expect(cap('2026-03-29T01:00:00Z', hours, 'Europe/Berlin')).toBe(1_000)
})

test('zones east of the date line have their own day', () => {
  expect(cap('2026-11-20T12:30:00Z', { days: [6], from: '00:00', to: '02:00' }, 'Pacific/Auckland')).toBe(
    5_000,
  )
})

test('a zone has a name', () => {
  expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus'), isTimeZone('__proto__')]).toEqual([
    true,
    false,
    false,
  ])
})
