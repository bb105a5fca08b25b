import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

test('places are given in the order in which they were asked for', async () => {
  const slots = new Slots(1)
  const order: string[] = []
  const first = await slots.take()
  const others = ['b', 'c'].map(async (name) => {
    using _place = await slots.take()
    order.push(name)
  })

  first[Symbol.dispose]()
  await Promise.all(others)

  expect(order).toEqual(['b', 'c'])
  expect(slots.taken).toBe(0)
})

test('who leaves the line gets no place, and takes none from others', async () => {
  const slots = new Slots(1)
  const place = await slots.take()
  const leaving = new AbortController()
  const left = slots.take(leaving.signal)
  const next = slots.take()

  leaving.abort(new Error('gone'))
  place[Symbol.dispose]()

  await expect(left).rejects.toThrow('gone')
  using _next = await next
  expect(slots.taken).toBe(1)
})

test('a place that is given back twice is one place', async () => {
  const slots = new Slots(2)
  const place = await slots.take()
  using _other = await slots.take()

  place[Symbol.dispose]()
  place[Symbol.dispose]()

  expect(slots.taken).toBe(1)
})

test('nobody gets a place while it is closed, and all who can when it opens', async () => {
  const slots = new Slots(2)
  slots.open = false
  const waiting = [slots.take(), slots.take(), slots.take()]

  expect(slots.free).toBe(0)
  slots.open = true
  await Promise.all(waiting.slice(0, 2))

  expect(slots.taken).toBe(2)
})

test('more places let more in', async () => {
  const slots = new Slots(1)
  using _first = await slots.take()
  const second = slots.take()

  slots.capacity = 2

  using _second = await second
  expect(slots.taken).toBe(2)
})
