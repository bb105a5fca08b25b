import { expect, test } from 'vitest'
import { ShareBucket } from './share-bucket.ts'

test('what is taken in advance is waited for by the next', () => {
  const bucket = new ShareBucket()

  expect(bucket.reserve(500, 1_000, 0)).toBe(0)
  expect(bucket.reserve(500, 1_000, 0)).toBe(500)
  expect(bucket.reserve(500, 1_000, 500)).toBe(500)
})

test('a late taker makes up for a quarter of a second and no more', () => {
  const bucket = new ShareBucket()
  bucket.reserve(100, 1_000, 0)

  expect(bucket.reserve(250, 1_000, 800)).toBe(0)
  expect(bucket.reserve(100, 1_000, 800)).toBe(0)
  expect(bucket.reserve(100, 1_000, 800)).toBe(100)
})

test('after a rest nothing is saved up', () => {
  const bucket = new ShareBucket()
  bucket.reserve(100, 1_000, 0)

  expect(bucket.reserve(100, 1_000, 10_000)).toBe(0)
  expect(bucket.reserve(100, 1_000, 10_000)).toBe(100)
})
