import { expect, test } from 'vitest'
import { Random } from './random.ts'
import { fairness, fairShares, jain, percentile } from './statistics.ts'

const rounds = Array.from({ length: 200 }, (_, seed) => new Random(seed))
const some = (random: Random) => Array.from({ length: 1 + random.below(20) }, () => random.next() * 100)
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

test('percentiles are values that occur, whatever their order', () => {
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3)
  expect(percentile([5, 1, 4, 2, 3], 0.99)).toBe(5)
  expect(percentile([5, 1, 4, 2, 3], 1)).toBe(5)
  expect(percentile([5, 1, 4, 2, 3], 0)).toBe(1)
  expect(percentile([], 0.5)).toBeUndefined()
})

test("Jain's index is 1 for equal shares, 1/n when one has all, and does not know units", () => {
  expect(jain([3, 3, 3])).toBeCloseTo(1)
  expect(jain([0, 8, 0, 0])).toBeCloseTo(1 / 4)
  expect(jain([])).toBe(1)
  expect(jain([0, 0])).toBe(1)
  for (const random of rounds) {
    const shares = some(random)
    expect(jain(shares)).toBeGreaterThanOrEqual(1 / shares.length - 1e-9)
    expect(jain(shares)).toBeLessThanOrEqual(1 + 1e-9)
    expect(jain(shares.map((share) => share * 17))).toBeCloseTo(jain(shares))
  }
})

test('fair shares give all there is, nobody more than he wants, and the same to all who want more', () => {
  expect(fairShares([10, 2, 10], 12)).toEqual([5, 2, 5])
  for (const random of rounds) {
    const wants = some(random)
    const available = random.next() * 150 * wants.length
    const shares = fairShares(wants, available)

    expect(sum(shares)).toBeCloseTo(Math.min(sum(wants), available))
    const unsatisfied = shares.filter((share, index) => share < wants[index]! - 1e-9)
    for (const [index, share] of shares.entries()) {
      expect(share).toBeLessThanOrEqual(wants[index]! + 1e-9)
      for (const other of unsatisfied) expect(share).toBeLessThanOrEqual(other + 1e-9)
    }
  }
})

test('who wants little and gets it does not make a cluster unfair; who is pushed aside does', () => {
  const satisfied = { wanted: 1, got: 1 }

  expect(fairness([satisfied, { wanted: 100, got: 9 }, { wanted: 100, got: 9 }])).toBeCloseTo(1)
  expect(fairness([satisfied, { wanted: 100, got: 18 }, { wanted: 100, got: 0 }])).toBeLessThan(0.7)
  expect(fairness([{ wanted: 0, got: 0 }, satisfied])).toBeCloseTo(1)
})
