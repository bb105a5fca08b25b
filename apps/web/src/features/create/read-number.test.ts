import { expect, test } from 'vitest'
import { readNumber } from './read-number.ts'

const whole = { min: 1, max: 100, isWhole: true }

test.each([
  ['20', { value: 20 }],
  [' 20.6 ', { value: 21 }],
  ['0', { value: 1, note: 'At least 1' }],
  ['900', { value: 100, note: 'At most 100' }],
  ['', { note: 'A number is needed' }],
  ['2x', { note: 'A number is needed' }],
])('“%s” as a whole number from 1 to 100', (text, read) => {
  expect(readNumber(text, whole)).toEqual(read)
})

test.each([
  ['7.5', 7.5],
  ['7,5', 7.5],
  ['.5', 0.5],
  ['-1', -1],
  ['1e-3', 0.001],
])('“%s” as a number', (text, value) => {
  expect(readNumber(text, { min: null, max: null, isWhole: false })).toEqual({ value })
})

test('64 bits keep all their digits, and a bound of 64 bits holds', () => {
  const bounds = { min: 0, max: 18446744073709551615n, isWhole: true }

  expect(readNumber('18446744073709551614', bounds)).toEqual({ value: 18446744073709551614n })
  expect(readNumber('18446744073709551616', bounds).value).toBe(18446744073709551615n)
})
