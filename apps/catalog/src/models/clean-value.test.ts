import { expect, test } from 'vitest'
import { cleanName, cleanText, jsonText, moment, orNull, smallNumber, wholeNumber } from './clean-value.ts'

test('a text loses what Postgres cannot hold', () => {
  expect(cleanText('a\0b\ud800c')).toBe('ab\ufffdc')
  expect(cleanName('  a \n\n b ')).toBe('a b')
  expect(cleanName('x'.repeat(1_000_000))).toHaveLength(300)
  expect(orNull('')).toBeNull()
})

test('JSON loses it too, in keys as in values, and nothing else', () => {
  const value = { 'a\0': ['\0', '\ud800', String.raw`\u0000`, '\\', 'ü'], ['__proto__']: 1 }

  const kept = JSON.parse(jsonText(value)!) as Record<string, unknown>

  expect(kept['a']).toEqual(['', '', String.raw`\u0000`, '\\', 'ü'])
})

test('what is endless or no JSON is not kept', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle

  expect(jsonText(circle)).toBeNull()
  expect(jsonText('x'.repeat(3_000_000))).toBeNull()
  expect(jsonText(undefined)).toBeNull()
  expect(jsonText(null)).toBeNull()
})

test('numbers and times that no column has are none', () => {
  expect([NaN, -1, Infinity, null].map(wholeNumber)).toEqual([null, null, null, null])
  expect(wholeNumber(1e300)).toBe(Number.MAX_SAFE_INTEGER)
  expect(smallNumber(2 ** 31)).toBeNull()
  expect(['soon', '', '-000001-01-01T00:00:00Z', '+275000-01-01T00:00:00Z'].map(moment)).toEqual([
    null,
    null,
    null,
    null,
  ])
  expect(moment('2025-01-01')).toBe('2025-01-01T00:00:00.000Z')
})
