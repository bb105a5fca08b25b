import { expect, test } from 'vitest'
import { Drains } from './drains.ts'

function someDrains() {
  const attempts = {
    draining: false,
    drain: () => void (attempts.draining = true),
    resume: () => void (attempts.draining = false),
  }
  let changes = 0
  const drains = new Drains(attempts, () => changes++)
  return { attempts, drains, changes: () => changes }
}

test('a reply without a wish does not lift a drain that no reply has told of', () => {
  const { attempts, drains } = someDrains()

  drains.drain()
  drains.told(false)

  expect(attempts.draining).toBe(true)
})

test('the end of a wish lifts the drain', () => {
  const { attempts, drains, changes } = someDrains()

  drains.told(true)
  drains.told(true)
  drains.told(false)

  expect(attempts.draining).toBe(false)
  expect(changes()).toBe(2)
})

test('nothing holds up a worker that is stopping', () => {
  const { attempts, drains } = someDrains()

  drains.told(true)
  drains.stop()
  drains.resume()
  drains.told(false)

  expect(attempts.draining).toBe(true)
})
