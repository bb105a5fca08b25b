import { expect, test } from 'vitest'
import { boxesIn, justify, ratioOf } from './layout.ts'

const options = { width: 1_000, height: 200, gap: 4 }

test('every full row is exactly as wide as the page', () => {
  const rows = justify(
    Array.from({ length: 50 }, (_, index) => 0.5 + (index % 5) * 0.4),
    options,
  )

  for (const { boxes } of rows.slice(0, -1)) {
    const last = boxes.at(-1)!
    expect(last.left + last.width).toBeCloseTo(1_000, 5)
  }
})

test('every picture is in exactly one row, in order', () => {
  const rows = justify(
    Array.from({ length: 33 }, () => 1.5),
    options,
  )

  expect(rows.flatMap(({ boxes }) => boxes.map(({ index }) => index))).toEqual([...Array(33).keys()])
})

test('the last row is not blown up when it is not full', () => {
  const rows = justify([1], options)

  expect(rows).toEqual([{ top: 0, height: 200, boxes: [{ index: 0, left: 0, width: 200 }] }])
})

test('one that is wider than the page fits into it', () => {
  const [row] = justify([8], options)

  expect(row!.boxes[0]!.width).toBeLessThanOrEqual(1_000)
})

test('rows follow each other with the gap between them', () => {
  const rows = justify(
    Array.from({ length: 12 }, () => 1),
    options,
  )

  const ends = rows.map(({ top, height }) => top + height)
  expect(rows.slice(1).map(({ top }) => top)).toEqual(
    ends.slice(0, -1).map((end) => expect.closeTo(end + 4, 5)),
  )
})

test('a panorama and a ribbon are cropped, and an unknown size is a square', () => {
  expect([
    ratioOf({ width: 9_000, height: 100 }),
    ratioOf({ width: 10, height: 1_000 }),
    ratioOf({ width: null, height: null }),
  ]).toEqual([3, 0.4, 1])
})

test('an area holds the boxes that it touches', () => {
  const rows = justify(
    Array.from({ length: 10 }, () => 1),
    options,
  )
  const [first, second] = rows[0]!.boxes

  expect(boxesIn(rows, { left: 0, top: 0, right: first!.width + 5, bottom: 10 })).toEqual([0, second!.index])
  expect(boxesIn(rows, { left: 0, top: 5_000, right: 1_000, bottom: 6_000 })).toEqual([])
})
