import { expect, test } from 'vitest'
import { ConnectionCount } from './connection-count.ts'

type World = {
  rateOf: (connections: number, seconds: number) => number
  saturated?: boolean
  seconds?: number
}

/** Looks ten times a second at a server that gives so much; tells the levels and what came. */
function watch({ rateOf, saturated = false, seconds = 20 }: World) {
  const count = new ConnectionCount(16)
  const levels: number[] = []
  let bytes = 0
  for (let tick = 0; tick < seconds * 10; tick++) {
    bytes += rateOf(count.level, tick / 10) / 10
    count.observe({ nowMs: tick * 100, bytes, ready: true, saturated })
    levels.push(count.level)
  }
  return { levels, bytes, end: levels.at(-1)! }
}

test('where each connection has a limit of its own, all are used at once', () => {
  const { levels } = watch({ rateOf: (connections) => connections * 20 })

  expect(levels[2]).toBe(16)
  expect(levels[19]).toBe(16)
})

test('one that is fast is left alone at first, and joined by others when they pay', () => {
  const mebibyte = 1024 * 1024
  const { levels } = watch({ rateOf: (connections) => connections * 300 * mebibyte, seconds: 40 })

  expect(Math.max(...levels.slice(0, 15))).toBe(1)
  expect(levels.at(-1)).toBe(16)
})

test('a burst at the beginning does not hide that more pay', () => {
  const rateOf = (connections: number, seconds: number) => (seconds < 0.2 ? 1_000 : connections * 20)

  expect(watch({ rateOf, seconds: 9 }).end).toBeGreaterThan(12)
})

test('where one brings all there is, one stays', () => {
  expect(watch({ rateOf: () => 500 }).levels.slice(20, 90)).not.toContain(8)
  expect(watch({ rateOf: () => 500, seconds: 9 }).end).toBe(1)
})

test('where this side is the limit, no more are tried', () => {
  expect(Math.max(...watch({ rateOf: () => 500, saturated: true }).levels)).toBe(1)
})

test('where many bring less, what lies between is found', () => {
  const rateOf = (connections: number) => (connections <= 4 ? connections * 10 : 160 / connections ** 2)
  const { end, bytes } = watch({ rateOf, seconds: 9 })

  expect(end).toBe(4)
  expect(bytes).toBeGreaterThan(0.8 * 40 * 9)
})

test('a collapse later on makes them fewer', () => {
  const rateOf = (connections: number, seconds: number) =>
    seconds < 5 ? connections * 20 : connections > 8 ? 10 : connections * 20
  const { end } = watch({ rateOf, seconds: 12 })

  expect(end).toBeLessThanOrEqual(8)
})

test('a server that gets faster later is found out', () => {
  const rateOf = (connections: number, seconds: number) => (seconds < 5 ? 50 : connections * 50)
  const { levels } = watch({ rateOf, seconds: 60 })

  expect(Math.max(...levels.slice(100))).toBeGreaterThan(1)
})

test('a rate that cannot be measured yet changes nothing', () => {
  const count = new ConnectionCount(16)
  for (let tick = 0; tick < 20; tick++)
    count.observe({ nowMs: tick * 100, bytes: 0, ready: false, saturated: false })

  expect(count.level).toBe(1)
})

test('a share that grows later is made use of', () => {
  const count = new ConnectionCount(1)
  let bytes = 0
  for (let tick = 0; tick < 300; tick++) {
    if (tick === 50) count.most = 16
    bytes += count.level * 2
    count.observe({ nowMs: tick * 100, bytes, ready: true, saturated: false })
  }

  expect(count.level).toBeGreaterThan(1)
})
