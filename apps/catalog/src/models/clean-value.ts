/*
 * What comes from outside as Postgres can hold it: no NUL, no half of a surrogate pair, no endless text, and numbers
 * and times that its types have.
 */

export const longestText = 200_000

export function cleanText(text: string, longest = longestText): string {
  return text.slice(0, longest).toWellFormed().replaceAll('\0', '')
}

export function cleanName(text: string, longest = 300): string {
  return cleanText(text, longest).replaceAll(/\s+/g, ' ').trim()
}

export function orNull(text: string | null | undefined, longest = longestText): string | null {
  return text === null || text === undefined || text === '' ? null : cleanText(text, longest)
}

/** A count or a size; `null` for what is none. */
export function wholeNumber(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Math.min(Math.round(value), Number.MAX_SAFE_INTEGER)
    : null
}

/** Fits an `int`: widths, bits. */
export function smallNumber(value: number | null | undefined): number | null {
  const number = wholeNumber(value)
  return number === null || number > 2_147_483_647 ? null : number
}

/** ISO text of a moment between 1970 and 9999; `null` for anything else. */
export function moment(text: string | null | undefined): string | null {
  if (!text) return null
  const time = Date.parse(text)
  return Number.isFinite(time) && time >= 0 && time < 253_402_300_800_000
    ? new Date(time).toISOString()
    : null
}

const largestJson = 2_000_000

/** JSON text for a `jsonb`; `null` for what is too large or too deep to be kept, or no JSON. */
export function jsonText(value: unknown): string | null {
  const text = stringify(value)
  if (text === undefined || text.length > largestJson) return null
  // `jsonb` has no NUL and no half of a pair, which JSON writes as escapes, in keys too.
  return text.replaceAll(/\\(?:u0000|u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/g, (escape) =>
    escape.length === 2 ? escape : '',
  )
}

function stringify(value: unknown): string | undefined {
  try {
    return value === null ? undefined : JSON.stringify(value)
  } catch {
    return undefined
  }
}
