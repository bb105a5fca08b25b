import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Paced } from './paced.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('many who ask are answered by one reading, and who asks meanwhile by the next', async () => {
  const readings: PromiseWithResolvers<void>[] = []
  const read = () => {
    const reading = Promise.withResolvers<void>()
    readings.push(reading)
    return reading.promise
  }
  const paced = new Paced(read, () => 1_000)

  paced.ask()
  paced.ask()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(readings).toHaveLength(1)
  paced.ask()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(readings).toHaveLength(1)
  readings[0]!.resolve()
  await vi.advanceTimersByTimeAsync(1_000)

  expect(readings).toHaveLength(2)
  paced[Symbol.dispose]()
  paced.ask()
  readings[1]!.resolve()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(readings).toHaveLength(2)
})

test('a reading that fails does not end the following', async () => {
  let count = 0
  const paced = new Paced(
    () => Promise.reject(new Error(String(++count))),
    () => 10,
  )

  paced.ask()
  await vi.advanceTimersByTimeAsync(10)
  paced.ask()
  await vi.advanceTimersByTimeAsync(10)

  expect(count).toBe(2)
})
