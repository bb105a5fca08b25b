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
