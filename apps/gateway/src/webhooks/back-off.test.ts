import { expect, test } from 'vitest'
import { backOffMs, readRetryAfter, usualDelaysMs } from './back-off.ts'

const hour = 3_600_000
const middle = (failures: number) => backOffMs(usualDelaysMs, { failures, random: 0.5 })

test('pauses grow from seconds to hours and then stay', () => {
  const pauses = Array.from({ length: 20 }, (_, index) => middle(index + 1))

  expect(pauses[0]).toBe(5_000)
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
  expect(pauses.at(-1)).toBe(4 * hour)
})

test('about a dozen attempts fit into a day', () => {
  let elapsed = 0
  let attempts = 1
  while (elapsed + middle(attempts) <= 24 * hour) elapsed += middle(attempts++)

  expect(attempts).toBeGreaterThanOrEqual(10)
  expect(attempts).toBeLessThanOrEqual(16)
})

test('a pause varies by a fifth to both sides', () => {
  const at = (random: number) => backOffMs([1_000], { failures: 1, random })

  expect([at(0), at(0.5), at(1)]).toEqual([800, 1_000, 1_200])
})

test('Retry-After makes a pause longer, never shorter, and not endless', () => {
  const after = (retryAfterMs: number) => backOffMs([5_000], { failures: 1, retryAfterMs, random: 0.5 })

  expect([after(0), after(60_000), after(1e15)]).toEqual([5_000, 60_000, 6 * hour])
})

test.each([
  ['120', 120_000],
  ['Wed, 21 Oct 2026 07:28:10 GMT', 10_000],
  ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('reads Retry-After %s', (header, expected) => {
  const now = Date.parse('2026-10-21T07:28:00Z')

  expect(readRetryAfter(header, now)).toBe(expected)
})
