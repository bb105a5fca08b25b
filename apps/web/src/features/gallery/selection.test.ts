import { expect, test } from 'vitest'
import { rangeOf } from './selection.ts'

const order = ['a', 'b', 'c', 'd']

test('a range holds both its ends, whichever way it goes', () => {
  expect(rangeOf(order, 'b', 'd')).toEqual(['b', 'c', 'd'])
  expect(rangeOf(order, 'd', 'b')).toEqual(['b', 'c', 'd'])
  expect(rangeOf(order, 'c', 'c')).toEqual(['c'])
})

test('without a beginning, or with one that is gone, it is the one', () => {
  expect(rangeOf(order, undefined, 'c')).toEqual(['c'])
  expect(rangeOf(order, 'x', 'c')).toEqual(['c'])
})
