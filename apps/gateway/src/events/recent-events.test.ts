import { expect, test } from 'vitest'
import { durableMessage } from './event-message.ts'
import { RecentEvents } from './recent-events.ts'

const eventAt = (cursor: number, spaceId: string | null = 'a', data = '{}') =>
  durableMessage({ cursor: BigInt(cursor), spaceId, type: 'job.queued', subject: 's', time: '', data })
const spaces = new Map([['a', 1]])
const cursors = (events: readonly { cursor: bigint }[] | undefined) =>
  events?.map(({ cursor }) => Number(cursor))

test('what came after a cursor is given in order, of these spaces and of everybody', () => {
  const recent = new RecentEvents(2n)
  for (const event of [eventAt(3), eventAt(4, 'b'), eventAt(6, null), eventAt(9)]) recent.add(event)

  expect(cursors(recent.after(2n, spaces))).toEqual([3, 6, 9])
  expect(cursors(recent.after(3n, spaces))).toEqual([6, 9])
  expect(cursors(recent.after(5n, spaces))).toEqual([6, 9])
  expect(cursors(recent.after(9n, spaces))).toEqual([])
})

test('what is older than all that is kept is not known', () => {
  const recent = new RecentEvents(2n)

  expect(recent.after(1n, spaces)).toBeUndefined()
})

test('neither many events nor large ones are kept for ever', () => {
  const many = new RecentEvents(0n)
  for (let cursor = 1; cursor <= 10_000; cursor++) many.add(eventAt(cursor))
  const large = new RecentEvents(0n)
  for (let cursor = 1; cursor <= 100; cursor++) large.add(eventAt(cursor, 'a', 'x'.repeat(2 ** 20)))

  expect(many.after(5_000n, spaces)).toBeUndefined()
  expect(cursors(many.after(9_000n, spaces))).toHaveLength(1_000)
  expect(large.after(90n, spaces)).toBeUndefined()
  expect(cursors(large.after(99n, spaces))).toEqual([100])
})
