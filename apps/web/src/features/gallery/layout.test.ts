import { expect, test } from 'vitest'
import { boxesIn, justify, neighbour, ratioOf, rowAt, rowOf } from './layout.ts'

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

test('no row is more than half as high again as wanted, nor much lower', () => {
  const ratios = Array.from({ length: 300 }, (_, index) => [0.67, 1.5, 1, 1.78, 0.4, 3][(index * 7) % 6]!)

  for (const { height } of justify(ratios, options).slice(0, -1)) {
    expect(height).toBeGreaterThan(120)
    expect(height).toBeLessThanOrEqual(300)
  }
})

test('what was there keeps its rows while fresh ones come before it', () => {
  const ratios = Array.from({ length: 40 }, (_, index) => 0.6 + (index % 4) * 0.4)
  const before = justify(ratios, options)
  const shapeOf = (rows: typeof before, offset: number) =>
    rows.map(({ height, boxes }) => ({
      height,
      boxes: boxes.map((box) => ({ ...box, index: box.index - offset })),
    }))

  for (const fresh of [1, 2, 5, 12]) {
    const after = justify([...Array.from({ length: fresh }, () => 1.2), ...ratios], { ...options, fresh })
    const known = after.filter(({ boxes }) => boxes[0]!.index >= fresh)

    expect(shapeOf(known, fresh)).toEqual(shapeOf(before, 0))
    expect(after.flatMap(({ boxes }) => boxes.map(({ index }) => index))).toEqual([
      ...Array(40 + fresh).keys(),
    ])
  }
})

test('fresh ones fill their lowest row first', () => {
  const counts = (fresh: number) =>
    justify(
      Array.from({ length: fresh + 10 }, () => 1),
      { ...options, fresh },
    )
      .filter(({ boxes }) => boxes[0]!.index < fresh)
      .map(({ boxes }) => boxes.length)

  expect(counts(3)).toEqual([3])
  expect(counts(7)).toEqual([2, 5])
})

test('a row is found by its place and by its pictures', () => {
  const rows = justify(
    Array.from({ length: 23 }, () => 1),
    options,
  )

  expect([rowAt(rows, -50), rowAt(rows, rows[1]!.top), rowAt(rows, 1e6)]).toEqual([0, 1, rows.length])
  expect(rows.map(({ boxes }) => rowOf(rows, boxes[0]!.index))).toEqual(rows.keys().toArray())
  expect([rowOf(rows, 23), rowOf(rows, -1), rowOf([], 0)]).toEqual([-1, -1, -1])
})

test('arrows lead to the nearest picture of the next row, and no further than the last', () => {
  const rows = justify(
    Array.from({ length: 12 }, () => 1),
    options,
  )
  const [first, second] = rows
  const perRow = first!.boxes.length

  expect(neighbour(rows, 1, 'down')).toBe(second!.boxes[1]!.index)
  expect(neighbour(rows, perRow + 1, 'up')).toBe(1)
  expect(neighbour(rows, 0, 'up')).toBe(0)
  expect(neighbour(rows, 11, 'down')).toBe(11)
  expect([neighbour(rows, 0, 'left'), neighbour(rows, 11, 'right')]).toEqual([0, 11])
  expect([neighbour(rows, 5, 'first'), neighbour(rows, 5, 'last')]).toEqual([0, 11])
})
