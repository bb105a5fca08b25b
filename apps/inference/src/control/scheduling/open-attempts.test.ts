import { expect, test } from 'vitest'
import { OpenAttempts } from './open-attempts.ts'
import type { OpenAttempt } from './open-attempts.ts'

const anAttempt = (jobId: string, charge: number): OpenAttempt => ({
  jobId,
  number: 1,
  workerId: 'w1',
  pool: 'default',
  spaceId: 'space',
  userId: 'user',
  priority: 1,
  models: [],
  loras: [],
  charge,
})
const worker = { id: 'w1', runSlots: 1 }

test('a worker with a free slot is waited for no time', () => {
  expect(new OpenAttempts().waitMs(worker, 0)).toBe(0)
})

test('a busy worker is free when what it has is through, loading included', () => {
  const open = new OpenAttempts()
  open.add(anAttempt('a', 30), { now: 0, loadMs: 5_000 })
  open.add(anAttempt('b', 10), { now: 0 })

  expect(open.waitMs(worker, 15_000)).toBe(30_000)
})

test('what moves up begins then', () => {
  const open = new OpenAttempts()
  open.add(anAttempt('a', 30), { now: 0 })
  open.add(anAttempt('b', 10), { now: 0 })

  open.remove('a:1', { now: 40_000 })

  expect(open.waitMs(worker, 44_000)).toBe(6_000)
})

test('what is late takes half as long again', () => {
  const open = new OpenAttempts()
  open.add(anAttempt('a', 10), { now: 0 })

  expect(open.waitMs(worker, 60_000)).toBe(30_000)
})

test('attempts are counted by space and user', () => {
  const open = new OpenAttempts()
  open.add(anAttempt('a', 10), { now: 0 })
  open.add(anAttempt('b', 10), { now: 0 })
  open.remove('a:1', { now: 1 })

  expect([open.inSpace('space'), open.ofUser('user'), open.ofUser('other')]).toEqual([1, 1, 0])
})
