import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

test('the shorter the runs, the more are held ready', () => {
  const pace = new Pace(1)
  expect([pace.prefetchSlots, pace.ahead]).toEqual([1, 0])

  for (let run = 0; run < 20; run++) pace.add(40)
  expect([pace.prefetchSlots, pace.ahead]).toEqual([10, 1])

  for (let run = 0; run < 80; run++) pace.add(1)
  expect([pace.prefetchSlots, pace.ahead]).toEqual([64, 4])

  pace.add(30_000)
  expect([pace.prefetchSlots, pace.ahead]).toEqual([1, 0])
})

test('a worker that is to hold none ready holds none', () => {
  const pace = new Pace(0)
  pace.add(1)
  expect(pace.prefetchSlots).toBe(0)
})
