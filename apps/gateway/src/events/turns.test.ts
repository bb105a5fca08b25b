import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('so many have a turn at once, the others one after the other in their order', async () => {
  const turns = new Turns(2)
  const order: number[] = []
  let inside = 0
  let most = 0

  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      using _turn = await turns.take()
      most = Math.max(most, ++inside)
      order.push(index)
      await Promise.resolve()
      inside--
    }),
  )

  expect(most).toBe(2)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})
