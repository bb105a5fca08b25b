import { expect, test } from 'vitest'
import { readiness } from './index.ts'

test('is ready when every part answers', async () => {
  const ask = readiness({ database: async () => undefined, bus: async () => undefined })

  await expect(ask()).resolves.toMatchObject({
    ready: true,
    checks: { database: { ok: true }, bus: { ok: true } },
  })
})

test('says which part fails, and not why', async () => {
  const ask = readiness({
    good: async () => undefined,
    bad: () => Promise.reject(new Error('password=hunter2')),
  })

  const state = await ask()

  expect(state).toMatchObject({
    ready: false,
    checks: { good: { ok: true }, bad: { ok: false, error: 'failed' } },
  })
  expect(JSON.stringify(state)).not.toContain('hunter2')
})

test('a check that throws at once fails alone', async () => {
  const ask = readiness({
    bad: () => {
      throw new Error('no')
    },
  })

  await expect(ask()).resolves.toMatchObject({ ready: false })
})

test('a part that hangs is given up and told so', async () => {
  let signal: AbortSignal | undefined
  const hang = (given: AbortSignal) => {
    signal = given
    return new Promise<void>(() => undefined)
  }

  const state = await readiness({ hang }, { deadlineMs: 20 })()

  expect(state.checks.hang).toMatchObject({ ok: false, error: 'timed out' })
  expect(signal?.aborted).toBe(true)
})

test('many callers cost one round of checks', async () => {
  let rounds = 0
  const ask = readiness({
    a: async () => {
      rounds += 1
    },
  })

  await Promise.all(Array.from({ length: 100 }, ask))
  await ask()

  expect(rounds).toBe(1)
})
