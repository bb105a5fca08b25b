import { expect, test } from 'vitest'
import { distance, nearest, slipsOf } from './spelling.ts'

test.each([
  ['anime', 'anime', 0],
  ['anmie', 'anime', 1],
  ['anme', 'anime', 1],
  ['dremshapr', 'dreamshaper', 2],
  ['', 'abc', 3],
])('from %s to %s are %i steps', (a, b, steps) => {
  expect(distance(a, b)).toBe(steps)
})

test('what is one slip away is known without looking', () => {
  expect(slipsOf('abc')).toEqual(expect.arrayContaining(['bac', 'acb', 'bc', 'ac', 'ab']))
})

test('the nearest word is meant, of equals the most used, and none that is far', () => {
  const words = [
    { word: 'style', uses: 10 },
    { word: 'stale', uses: 500 },
    { word: 'stile', uses: 20 },
  ]

  expect(nearest('stzle', words)).toBe('stale')
  expect(nearest('styel', words)).toBe('style')
  expect(nearest('zzzzz', words)).toBeUndefined()
})
