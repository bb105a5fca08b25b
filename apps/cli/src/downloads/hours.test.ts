import { expect, test } from 'vitest'
import { readHours, readRate, writeHours } from './hours.ts'

test.each([
  ['mon-fri 08:00-18:00 5MiB', { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }],
  ['sat,sun 00:00-23:59 5MiB', { days: [6, 7], from: '00:00', to: '23:59' }],
  ['sat-mon 22:00-06:00 5MiB', { days: [1, 6, 7], from: '22:00', to: '06:00' }],
  ['daily 22:00-06:00 5MiB', { days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00' }],
])('%s', (text, hours) => {
  expect(readHours(text)).toEqual({ ...hours, maxBytesPerSecond: 5 * 2 ** 20 })
})

test('hours without a cap, and how they are written', () => {
  const hours = readHours('mon,wed 01:00-02:00 none')

  expect(hours.maxBytesPerSecond).toBeNull()
  expect(writeHours(hours)).toBe('mon,wed 01:00-02:00')
})

test.each([
  '',
  'mon',
  'mon 8-18 5MiB',
  'moon 08:00-18:00 5MiB',
  'mon 08:00-18:00 fast',
  'mon 99:00-18:00 1MiB',
])('%j are no hours', (text) => {
  expect(() => readHours(text)).toThrow(/write hours as|is no day|is a size/)
})

test.each([
  ['none', null],
  ['5MiB', 5 * 2 ** 20],
  ['5MB/s', 5 * 2 ** 20],
  ['800KiB', 800 * 1_024],
  ['1048576', 2 ** 20],
])('a rate of %s', (text, bytes) => {
  expect(readRate(text)).toBe(bytes)
})
