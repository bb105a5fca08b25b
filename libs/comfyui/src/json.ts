const bigDigits = /\d{16}/
const integer = /^-?\d+$/

type ReviverContext = { source?: string }
type RawJson = { rawJSON: (text: string) => unknown }

/**
 * `JSON.parse` that keeps integers beyond ±2^53 exact: they become `bigint`. ComfyUI seeds go to 2^64−1,
 * and `JSON.parse` would silently give back another seed.
 */
export function parseJson(text: string): unknown {
  if (!bigDigits.test(text)) return JSON.parse(text)
  const revive = (_key: string, value: unknown, context: ReviverContext) =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    context.source &&
    integer.test(context.source)
      ? BigInt(context.source)
      : value
  // TypeScript's library does not know the third parameter yet (ECMA-262, JSON.parse source text access).
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown)
}

/** The other direction: a `bigint` is written as the plain integer it is. */
export function stringifyJson(value: unknown): string {
  const raw = JSON as unknown as RawJson
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? raw.rawJSON(item.toString()) : item,
  )
}

/**
 * A copy that ordinary JSON can carry (a message, a database column): each `bigint` becomes its decimal
 * string. ComfyUI reads such a string in an INT input as the integer, so the copy can be submitted as it is.
 */
export function withoutBigInts<T>(value: T): T {
  if (typeof value === 'bigint') return value.toString() as T
  if (Array.isArray(value)) return value.map(withoutBigInts) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutBigInts(item)])) as T
}
