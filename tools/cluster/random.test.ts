import { expect, test } from 'vitest'
import { Random, zipfWeights } from './random.ts'

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.next())
const seeds = [0, 1, 2, 42, 2 ** 31, 'a name']

test.each(seeds)('seed %s gives the same numbers again, from 0 to below 1 and evenly', (seed) => {
  const numbers = draw(new Random(seed), 20_000)

  expect(draw(new Random(seed), 20_000)).toEqual(numbers)
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  const tenths = Array<number>(10).fill(0)
  for (const number of numbers) tenths[Math.floor(number * 10)]!++
  for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(250)
})

test('different seeds give different numbers', () => {
  const firsts = seeds.map((seed) => new Random(seed).next())

  expect(new Set(firsts).size).toBe(seeds.length)
})

test('a fork depends on its name and the seed, not on what was drawn before', () => {
  const drawn = new Random(7)
  draw(drawn, 100)

  expect(draw(drawn.fork('user-1'), 5)).toEqual(draw(new Random(7).fork('user-1'), 5))
  expect(draw(new Random(7).fork('user-2'), 5)).not.toEqual(draw(new Random(7).fork('user-1'), 5))
  expect(draw(new Random(8).fork('user-1'), 5)).not.toEqual(draw(new Random(7).fork('user-1'), 5))
})

test.each([1, 2, 3])(
  'arrivals of a Poisson process have the mean and the memory they should (seed %s)',
  (seed) => {
    const random = new Random(seed)
    const pauses = Array.from({ length: 50_000 }, () => random.exponential(3))

    const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length
    const longer = pauses.filter((pause) => pause > 3)

    expect(mean).toBeGreaterThan(2.9)
    expect(mean).toBeLessThan(3.1)
    // Half as often is longer than 3 + 3·ln 2, given that it is longer than 3.
    expect(longer.filter((pause) => pause > 3 + 3 * Math.LN2).length / longer.length).toBeCloseTo(0.5, 1)
    expect(pauses.every((pause) => pause >= 0 && Number.isFinite(pause))).toBe(true)
  },
)

test('weights are met in proportion; what weighs nothing never comes', () => {
  const random = new Random(3)
  const counts = [0, 0, 0, 0]
  for (let drawn = 0; drawn < 40_000; drawn++) counts[random.weighted([3, 0, 1, 4])]!++

  expect(counts[1]).toBe(0)
  expect(counts[0]! / counts[2]!).toBeGreaterThan(2.8)
  expect(counts[0]! / counts[2]!).toBeLessThan(3.2)
  expect(counts[3]! / counts[2]!).toBeGreaterThan(3.7)
  expect(counts[3]! / counts[2]!).toBeLessThan(4.3)
})

test('the k-th most popular is asked for 1/k as often; exponent 0 makes all equal', () => {
  expect(zipfWeights(4, 1)).toEqual([1, 1 / 2, 1 / 3, 1 / 4])
  expect(zipfWeights(3, 0)).toEqual([1, 1, 1])
  expect(zipfWeights(2, 2)).toEqual([1, 1 / 4])
})

test('shuffling keeps every item', () => {
  const items = Array.from({ length: 50 }, (_, index) => index)

  const shuffled = new Random(1).shuffled(items)

  expect(shuffled).not.toEqual(items)
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items)
})
