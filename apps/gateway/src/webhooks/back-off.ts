const seconds = 1_000
const minutes = 60 * seconds
const hours = 60 * minutes

/** After the first failure, the second, …; the last stays. */
export const usualDelaysMs: readonly number[] = [
  5 * seconds,
  30 * seconds,
  2 * minutes,
  10 * minutes,
  30 * minutes,
  1 * hours,
  2 * hours,
  4 * hours,
]

/** A receiver may ask for more time, but not for so much that its delivery would have no chance left. */
const maxRetryAfterMs = 6 * hours
const jitter = 0.2

export type Failure = {
  /** How many attempts have failed, this one included. */
  readonly failures: number
  readonly retryAfterMs?: number | undefined
  /** From 0 to 1. */
  readonly random?: number
}

/**
 * The pause before the next attempt. It varies by a fifth, so that what failed together does not come back
 * together; `Retry-After` can only make it longer.
 */
export function backOffMs(delaysMs: readonly number[], failure: Failure): number {
  const { failures, retryAfterMs = 0, random = Math.random() } = failure
  const delay = delaysMs[Math.min(failures, delaysMs.length) - 1] ?? 0
  const varied = delay * (1 - jitter + 2 * jitter * random)
  return Math.round(Math.max(varied, Math.min(retryAfterMs, maxRetryAfterMs)))
}

/** `Retry-After` as seconds or as a date; undefined when it is neither. */
export function readRetryAfter(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * seconds
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}
