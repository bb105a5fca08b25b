import { setTimeout as delay } from 'node:timers/promises'

export type WaitOptions = {
  timeoutMs?: number
  /** What is waited for, for the error message. */
  describe?: string
}

const PAUSE_MS = 10

/**
 * Asks until the condition holds (anything but `undefined`, `null` and `false`), and returns what it gave.
 * A condition that throws does not hold yet; the last error is the cause of the one thrown at the deadline.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, describe = 'a condition' }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = Date.now() + timeoutMs
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>
      }
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (Date.now() >= deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${describe}`, { cause })
    await delay(PAUSE_MS)
  }
}
