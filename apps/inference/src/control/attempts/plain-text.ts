const unstorable = /\\u0000|\\ud[89a-f]/i

/**
 * A copy without the characters that Postgres' jsonb refuses: NUL, and halves of surrogate pairs. What a node
 * prints or raises may hold them, and no job may be lost for that.
 */
export function plainText<T>(value: T): T {
  return unstorable.test(JSON.stringify(value)) ? clean(value) : value
}

function clean<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD') as T
  if (Array.isArray(value)) return value.map((item) => clean(item)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), clean(item)])) as T
}
