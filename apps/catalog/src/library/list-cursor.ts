import { AppError } from '@easel/protocol'
import { isMoment } from '../moment.ts'

/** Where a page ended: the value it is sorted by and the id of its last file. */
export type ListCursor = { sort: string; value: string; id: string }

export function encodeCursor({ sort, value, id }: ListCursor): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url')
}

export function decodeCursor(text: string, sort: string): ListCursor {
  const parts = parse(text)
  if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => typeof part === 'string')) {
    throw unknownCursor()
  }
  const [cursorSort, value, id] = parts as [string, string, string]
  const valid =
    cursorSort === sort &&
    valueOf[sort]?.test(value) &&
    (sort !== 'newest' || isMoment(value)) &&
    uuid.test(id)
  if (!valid) throw unknownCursor()
  return { sort, value, id }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What would be an error in the query is refused here. */
const valueOf: Readonly<Record<string, RegExp>> = {
  name: /^[^\0]*$/,
  newest: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  largest: /^\d{1,18}$/,
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

const unknownCursor = () =>
  new AppError('invalid', 'This cursor is of another list', {
    faults: [{ path: 'cursor', message: 'must be the nextCursor of the page before, with the same sort' }],
  })
