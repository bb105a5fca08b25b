import { expect, test } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const now = Date.parse('2026-11-20T10:00:00Z')

test.each([
  ['120', 120_000],
  ['Fri, 20 Nov 2026 10:00:30 GMT', 30_000],
  ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
  ['99999999', 3_600_000],
  ['soon', undefined],
  [undefined, undefined],
])('%s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms)
})
