import { expect, test } from 'vitest'
import { fitOf, held, mostOf, swipeOf, toggled, whole, zoomed } from './zoom-view.ts'

const frame = { width: 1_000, height: 500 }
const middle = { x: 0, y: 0 }

test('what is under the pointer stays there', () => {
  const sizes = { frame, picture: { width: 4_000, height: 2_000 } }
  const point = { x: 200, y: -100 }
  const near = zoomed(whole, { factor: 4, point }, sizes)

  // The place of the picture that was under the pointer, on the screen again.
  expect([point.x * near.scale + near.x, point.y * near.scale + near.y]).toEqual([200, -100])
})

test('it never goes farther than the whole picture, which is in the middle', () => {
  const sizes = { frame, picture: { width: 400, height: 400 } }
  const near = zoomed(whole, { factor: 3, point: { x: 40, y: 10 } }, sizes)

  expect(zoomed(near, { factor: 0.01, point: middle }, sizes)).toEqual(whole)
})

test('an edge of the picture does not leave the edge of the frame', () => {
  const sizes = { frame, picture: { width: 1_000, height: 500 } }

  expect(held({ scale: 2, x: 9_000, y: -9_000 }, sizes)).toEqual({ scale: 2, x: 500, y: -250 })
})

test('a ribbon can be looked at as near as a square', () => {
  for (const picture of [
    { width: 200, height: 4_000 },
    { width: 8_000, height: 400 },
    { width: 8_192, height: 8_192 },
  ]) {
    const fit = fitOf(frame, picture)
    expect(fit * mostOf(fit)).toBeCloseTo(8)
  }
  expect(mostOf(fitOf(frame, { width: 16, height: 16 }))).toBe(4)
})

test('a double click shows the picture’s own pixels, and another the whole of it', () => {
  const sizes = { frame, picture: { width: 4_000, height: 2_000 } }
  const near = toggled(whole, middle, sizes)

  expect(near.scale * fitOf(frame, sizes.picture)).toBeCloseTo(1)
  expect(toggled(near, middle, sizes)).toEqual(whole)
})

test('a size that nobody knows breaks nothing', () => {
  const sizes = { frame, picture: { width: 0, height: 0 } }

  expect(zoomed(whole, { factor: 2, point: middle }, sizes)).toEqual({ scale: 2, x: 0, y: 0 })
})

test.each([
  [{ x: -120, y: 10 }, 600, 'after'],
  [{ x: 120, y: -30 }, 600, 'before'],
  [{ x: 40, y: 5 }, 60, 'before'],
  [{ x: 10, y: 160 }, 600, 'close'],
  [{ x: 10, y: -160 }, 600, undefined],
  [{ x: 40, y: 5 }, 600, undefined],
  [{ x: 100, y: 100 }, 400, undefined],
] as const)('the way %j in %d ms means %s', (way, ms, meaning) => expect(swipeOf(way, ms)).toBe(meaning))
