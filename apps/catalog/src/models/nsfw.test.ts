import { expect, test } from 'vitest'
import { bitsUpTo, highestRank, levelOfRank, rankOf } from './nsfw.ts'

test('a model is at its lowest level, a picture at its highest', () => {
  expect([0, 1, 2, 5, 28, 32].map(rankOf)).toEqual([0, 0, 1, 0, 2, 5])
  expect([0, 1, 2, 5, 28, 32, 33].map(highestRank)).toEqual([0, 0, 1, 2, 4, 5, 5])
  expect(levelOfRank(rankOf(28))).toBe('r')
})

test('a source is asked for all levels up to the one that may be seen', () => {
  expect([bitsUpTo(), bitsUpTo('r'), bitsUpTo('xxx')]).toEqual([1, 7, 31])
})
