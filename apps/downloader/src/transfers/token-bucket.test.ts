import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('without a rate nothing waits', () => {
  expect(new TokenBucket().take(1e12)).toBeUndefined()
})

test.each([1_000, 50_000, 1_000_000])('pieces of %d bytes pass at the rate', (piece) => {
  const bucket = new TokenBucket()
  bucket.bytesPerSecond = 1_000_000
  const begun = performance.now()

  let now = begun
  let passed = 0
  for (; passed < 10_000_000; passed += piece) now += bucket.waitMs(piece, now)

  const rate = passed / ((now - begun) / 1_000)
  expect(rate).toBeGreaterThan(970_000)
  expect(rate).toBeLessThan(1_030_000)
})

test('a pause does not save up for a burst', () => {
  const bucket = new TokenBucket()
  bucket.bytesPerSecond = 1_000_000
  const later = performance.now() + 60_000

  expect(bucket.waitMs(100_000, later)).toBe(0)
  expect(bucket.waitMs(500_000, later)).toBe(500)
})
