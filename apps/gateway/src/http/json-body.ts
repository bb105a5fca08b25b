import { parseJson } from '@easel/protocol'
import { malformed } from './problem.ts'

/** Graphs nest about ten deep; what nests beyond this overflows whoever walks it. */
const maxDepth = 200

/** JSON text as it comes from outside. Whole numbers beyond 2^53 become `bigint`; an empty text is no body. */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined
  if (isDeep(text)) throw malformed(`The JSON nests more than ${maxDepth} deep`)
  const value = parseText(text)
  // The name may hide behind an escape, which only what is parsed shows.
  if (/__proto__|\\u00/.test(text) && hasProto(value)) throw malformed('The name __proto__ is not taken')
  return value
}

function parseText(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    const where = cause instanceof SyntaxError ? /position \d+.*$/.exec(cause.message)?.[0] : undefined
    throw malformed(`The body is not JSON${where ? ` (${where})` : ''}`, cause)
  }
}

function isDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i)
    if (letter === 0x22) i = endOfString(text, i)
    else if (letter === 0x7b || letter === 0x5b) depth++
    else if (letter === 0x7d || letter === 0x5d) depth--
    if (depth > maxDepth) return true
  }
  return false
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++
  return slashes % 2 === 1
}

function hasProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProto)
}
