import { expect, test } from 'vitest'
import { RangeSet } from './range-set.ts'
import { claim, relieve, release } from './work-sharing.ts'

const mebibyte = 1024 * 1024

test('ranges that touch become one, in whatever order they come', () => {
  const set = new RangeSet()
  set.add(10, 20)
  set.add(30, 40)
  set.add(20, 30)
  set.add(0, 5)
  set.add(12, 18)

  expect(set.bytes).toBe(35)
  expect(set.gaps(50)).toEqual([
    { start: 5, end: 10 },
    { start: 40, end: 50 },
  ])
  expect(set.endFrom(0)).toBe(5)
  expect(set.endFrom(10)).toBe(40)
  expect(set.endFrom(5)).toBe(5)
  expect(set.has(12, 40)).toBe(true)
  expect(set.has(4, 11)).toBe(false)
})

test('it holds what a list of every byte would', () => {
  const set = new RangeSet()
  const bytes = new Uint8Array(200)
  for (let step = 0; step < 300; step++) {
    const start = (step * 7_919) % 190
    const end = start + 1 + ((step * 31) % 10)
    set.add(start, end)
    bytes.fill(1, start, end)

    expect(set.bytes).toBe(bytes.reduce((sum, byte) => sum + byte, 0))
    for (const gap of set.gaps(200)) expect(bytes.subarray(gap.start, gap.end).includes(1)).toBe(false)
  }
})

test('one connection is asked for all that it is fast enough for', () => {
  const missing = [{ start: 0, end: 1_000 * mebibyte }]
  const sharing = { connections: 1, chunkBytes: 16 * mebibyte, roundTripSeconds: 0 }

  expect(claim(missing, { ...sharing, rate: 0 })).toEqual({ start: 0, end: 16 * mebibyte })
  expect(claim(missing, { ...sharing, rate: 2_000 * mebibyte })).toEqual({
    start: 16 * mebibyte,
    end: 1_000 * mebibyte,
  })
  expect(claim(missing, { ...sharing, rate: 0 })).toBeUndefined()
})

test('many connections share what is left, in smaller parts near the end, and no byte twice', () => {
  const total = 100 * mebibyte + 17
  const missing = [{ start: 0, end: total }]
  const set = new RangeSet()
  let last = Infinity
  for (;;) {
    const range = claim(missing, { connections: 8, chunkBytes: 16 * mebibyte, rate: 1, roundTripSeconds: 0 })
    if (!range) break
    expect(set.endFrom(range.start)).toBe(range.start)
    expect(range.end - range.start).toBeLessThanOrEqual(last + 512 * 1024)
    last = range.end - range.start
    set.add(range.start, range.end)
  }

  expect(set.gaps(total)).toEqual([])
})

test('the longer a round trip, the longer a range', () => {
  const lengthAt = (roundTripSeconds: number) => {
    const sharing = { connections: 4, chunkBytes: 4 * mebibyte, rate: 8 * mebibyte, roundTripSeconds }
    const { start, end } = claim([{ start: 0, end: 1_000 * mebibyte }], sharing)!
    return (end - start) / mebibyte
  }

  expect([0, 0.001, 0.1, 0.25].map(lengthAt)).toEqual([4, 4, 24, 60])
})

test('what is given back is taken first', () => {
  const missing = [{ start: 50, end: 100 }]
  release(missing, { start: 10, end: 20 })
  release(missing, { start: 30, end: 30 })

  expect(missing).toEqual([
    { start: 10, end: 20 },
    { start: 50, end: 100 },
  ])
})

test('the slowest is relieved of as much as makes both end together', () => {
  const slow = { at: 0, left: 100 * mebibyte, rate: 10 * mebibyte }
  const fast = { at: 200 * mebibyte, left: 10 * mebibyte, rate: 10 * mebibyte }

  expect(relieve([fast, slow], 10 * mebibyte)).toEqual({ from: slow, at: 50 * mebibyte, end: 100 * mebibyte })
  expect(relieve([fast], 0)).toBeUndefined()
  expect(relieve([{ at: 0, left: mebibyte, rate: 10 * mebibyte }], 10 * mebibyte)).toBeUndefined()
})

test('one that has stalled is relieved of all', () => {
  const stalled = { at: 5, left: 1_000_000, rate: 0 }

  expect(relieve([stalled], mebibyte)).toEqual({ from: stalled, at: 5, end: 1_000_005 })
})
