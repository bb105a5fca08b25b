import { expect, test } from 'vitest'
import { isLocked, lock, unlock } from './seeds.ts'

test('a seed that is locked once is locked, and free again when unlocked', () => {
  const locked = lock(lock({ seeds: 'random', locked: [] }, 'a'), 'a')

  expect(locked).toEqual({ seeds: 'random', locked: ['a'] })
  expect(isLocked(locked, 'a')).toBe(true)
  expect(isLocked(unlock(locked, 'a', ['a', 'b']), 'a')).toBe(false)
})

test('to free one of several that all stay leaves the others as they are', () => {
  const freed = unlock({ seeds: 'keep', locked: [] }, 'a', ['a', 'b'])

  expect([isLocked(freed, 'a'), isLocked(freed, 'b')]).toEqual([false, true])
})
