import { AppError } from '@easel/protocol'

/** Where a page ended, in two values that order it. */
export function encodePosition(first: string, second: string): string {
  return Buffer.from(JSON.stringify([first, second])).toString('base64url')
}

export function decodePosition(cursor: string, first: RegExp, second: RegExp): readonly [string, string] {
  const parts = parse(cursor)
  const valid =
    Array.isArray(parts) &&
    parts.length === 2 &&
    parts.every((part) => typeof part === 'string') &&
    first.test(parts[0]!) &&
    second.test(parts[1]!)
  if (!valid) {
    throw new AppError('invalid', 'This cursor is of another list', {
      faults: [{ path: 'cursor', message: 'must be the nextCursor of the page before' }],
    })
  }
  return parts as [string, string]
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined // no cursor of ours
  }
}
