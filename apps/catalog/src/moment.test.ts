import { expect, test } from 'vitest'
import { isMoment } from './moment.ts'

test.each([
  ['2024-02-29T18:30:00.123Z', true],
  ['2026-11-20 18:30:00.5+00', true],
  ['2026-02-30T00:00:00.000Z', false],
  ['2026-99-01 00:00:00+00', false],
  ['2026-01-01 24:00:00+00', false],
  ['0000-01-01 00:00:00+00', false],
])('%s: there is such a time: %s', (text, is) => {
  expect(isMoment(text)).toBe(is)
})
