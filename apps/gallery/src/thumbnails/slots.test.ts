import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

test('no more run at once than there are places, and who is urgent goes first', async () => {
  const slots = new Slots(1)
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  const work = (name: string, urgent: boolean) =>
    slots.run(
      async () => {
        order.push(name)
        if (name === 'first') await gate.promise
      },
      { urgent },
    )
  const all = [work('first', false), work('patient', false), work('urgent', true)]

  gate.resolve()
  await Promise.all(all)

  expect(order).toEqual(['first', 'urgent', 'patient'])
})

test('a place is given back by who fails', async () => {
  const slots = new Slots(1)
  const fails = slots.run(() => Promise.reject(new Error('no')))

  await expect(fails).rejects.toThrow('no')
  await expect(slots.run(() => Promise.resolve('yes'))).resolves.toBe('yes')
})
