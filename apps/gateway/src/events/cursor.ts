import { malformed } from '../http/problem.ts'

/** A place in the feed, as a client sends it back. */
export function readCursorText(text: string | undefined): bigint | undefined {
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,18}$/.test(text)) throw malformed('This cursor is none of ours')
  return BigInt(text)
}
