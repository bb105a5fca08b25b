import { stringifyJson } from '@easel/protocol'
import type { Fault } from '@easel/protocol'

const unstorable = /\\u0000|\\ud[89a-f]/i
const message = 'A text may not hold NUL characters or halves of characters'

/** Texts that no database takes: with NUL, or with half of a surrogate pair. Gives the place of each. */
export function textFaults(value: unknown, path: string): Fault[] {
  // Escapes as `JSON.stringify` writes them: most values are done with after one look.
  return unstorable.test(stringifyJson(value)) ? search(value, path) : []
}

function search(value: unknown, path: string): Fault[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [{ path, message }]
  if (Array.isArray(value)) return value.flatMap((item, index) => search(item, `${path}.${index}`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    isStorable(key) ? search(item, `${path}.${key}`) : [{ path, message }],
  )
}

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')
