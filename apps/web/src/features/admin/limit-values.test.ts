import { expect, test } from 'vitest'
import { readLimit, readTime, writeLimit, writeTime } from './limit-values.ts'

test.each([
  ['3600', 3_600],
  ['10 h', 36_000],
  ['1 h 30 min', 5_400],
  ['90min', 5_400],
  ['1.5 h', 5_400],
  ['30 s', 30],
])('%s is %d seconds', (text, seconds) => {
  expect(readTime(text)).toBe(seconds)
})

test.each(['soon', '10 parsecs', 'h 10', '-5', '5 h!'])('%s is no time', (text) => {
  expect(readTime(text)).toBeUndefined()
})

test.each([0, 30, 60, 90, 3_600, 5_400, 36_000, 123_456])(
  '%d seconds are read as they are written',
  (seconds) => {
    expect(readTime(writeTime(seconds))).toBe(seconds)
  },
)

test('money is written in dollars and kept in millionths', () => {
  expect(readLimit('money', '12.5')).toBe(12_500_000)
  expect(readLimit('money', '$0.000001')).toBe(1)
  expect(writeLimit('money', 12_500_000)).toBe('12.5')
})

test('nothing is no limit, and zero is one', () => {
  expect(readLimit('whole', ' ')).toBeNull()
  expect(readLimit('whole', '0')).toBe(0)
  expect(readLimit('names', 'Exec*\n\n Shell ')).toEqual(['Exec*', 'Shell'])
  expect(() => readLimit('whole', '1.5')).toThrow('whole')
  expect(() => readLimit('number', 'many')).toThrow('number')
})
