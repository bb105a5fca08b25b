const longestMs = 60 * 60 * 1_000

/** Milliseconds from a Retry-After header, in seconds or as a date; at most an hour. */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(longestMs, Math.max(0, ms))
}
