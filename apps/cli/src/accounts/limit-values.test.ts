import { expect, test } from 'vitest'
import { amount, formatCost, money, patterns } from './limit-values.ts'

test('an amount is a number, or none', () => {
  expect(amount('--x')('1.5')).toBe(1.5)
  expect(amount('--x')('none')).toBe('none')
  expect(amount('--x', { whole: true })('3')).toBe(3)
  for (const text of ['-1', '1e3', '', 'x', '0x10'])
    expect(() => amount('--x')(text)).toThrow(/--x is a number/)
  expect(() => amount('--x', { whole: true })('1.5')).toThrow(/whole/)
  expect(() => amount('--x', { min: 0.01 })('0')).toThrow(/0.01/)
})

test('money is written in dollars and sent in millionths', () => {
  expect(money('--x')('12.34')).toBe(12_340_000)
  expect(money('--x')('$5')).toBe(5_000_000)
  expect(money('--x')('none')).toBe('none')
  expect([0, 1, 2_500, 12_340_000, null].map(formatCost)).toEqual([
    '$0.00',
    '$0.000001',
    '$0.0025',
    '$12.34',
    '',
  ])
})

test('patterns add up until none', () => {
  expect(patterns('a', undefined)).toEqual(['a'])
  expect(patterns('b', ['a'])).toEqual(['a', 'b'])
  expect(patterns('none', ['a'])).toBe('none')
})
