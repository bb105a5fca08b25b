import { expect, test } from 'vitest'
import { clock } from './clock.ts'

test.each([
  [0, '0:00'],
  [4.6, '0:05'],
  [75, '1:15'],
  [3_723, '1:02:03'],
])('%d seconds are %s', (seconds, shown) => expect(clock(seconds)).toBe(shown))
