import { expect, test } from 'vitest'
import { Slots } from './slots.ts'
import type { DueQueue } from './slots.ts'

const limits = { all: 20, perQueue: 4, perWebhook: 6, perHost: 5 }

function queue(name: string, change: Partial<DueQueue> = {}): DueQueue {
  return { queue: name, webhookId: name, host: `${name}.example`, ...change }
}

function fail(slots: Slots, one: DueQueue, times: number): void {
  for (let count = 0; count < times; count++) slots.take(one)({ failed: true, durationMs: 10 })
}

const rooms = (slots: Slots, due: readonly DueQueue[]) => slots.choose(due).map(({ room }) => room)

test('a queue gets its limit, all together theirs', () => {
  const due = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => queue(name))

  expect(rooms(new Slots(limits), due)).toEqual([4, 4, 4, 4, 4])
})

test('what is under way counts', () => {
  const slots = new Slots(limits)
  slots.take(queue('a'))
  const giveBack = slots.take(queue('a'))
  expect(rooms(slots, [queue('a')])).toEqual([2])

  giveBack({ failed: false, durationMs: 1 })

  expect(rooms(slots, [queue('a')])).toEqual([3])
  expect(slots.busy).toBe(1)
})

test('webhooks on one host share its limit', () => {
  const host = 'hooks.example'

  expect(rooms(new Slots(limits), [queue('a', { host }), queue('b', { host })])).toEqual([4, 1])
})

test('the hosts that jobs of one space name share the limit of its webhook', () => {
  const webhookId = 'space'

  expect(rooms(new Slots(limits), [queue('a', { webhookId }), queue('b', { webhookId })])).toEqual([4, 2])
})

test('a receiver that is down gets one at a time, until it answers', () => {
  const slots = new Slots(limits)
  fail(slots, queue('a'), 3)
  expect(rooms(slots, [queue('a'), queue('b')])).toEqual([1, 4])

  slots.take(queue('a'))({ failed: false, durationMs: 10 })

  expect(rooms(slots, [queue('a')])).toEqual([4])
})

test('receivers that are down leave half of all to the others', () => {
  const slots = new Slots({ ...limits, perQueue: 20, perWebhook: 20, perHost: 20 })
  const down = Array.from({ length: 30 }, (_, index) => queue(`down-${index}`))
  for (const one of down) fail(slots, one, 3)

  const chosen = slots.choose([...down, queue('well')])

  expect(chosen.filter(({ queue: name }) => name.startsWith('down'))).toHaveLength(10)
  expect(chosen.at(-1)).toEqual({ queue: 'well', room: 10 })
})

test('a slow receiver gets few', () => {
  const slots = new Slots({ ...limits, perQueue: 10, perWebhook: 10, perHost: 10 })
  slots.take(queue('a'))({ failed: false, durationMs: 5_000 })

  expect(rooms(slots, [queue('a')])).toEqual([4])
})

test('what was cut short says nothing of the receiver', () => {
  const slots = new Slots(limits)
  fail(slots, queue('a'), 2)
  slots.take(queue('a'))(undefined)

  expect(rooms(slots, [queue('a')])).toEqual([4])
})
