import { AppError } from '@easel/protocol'

/** Where a page ended, in the order of its list: digits, most significant first. */
export type Cursor = readonly string[]

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(cursor.join('.')).toString('base64url')
}

/** @param parts how many numbers the order has; a cursor of another order is refused */
export function decodeCursor(text: string, parts: number): Cursor {
  const numbers = Buffer.from(text, 'base64url').toString().split('.')
  if (numbers.length !== parts || !numbers.every((each) => /^\d{1,18}$/.test(each))) {
    throw new AppError('invalid', 'This is no cursor of this list', {
      reason: 'CURSOR_INVALID',
      faults: [{ path: 'cursor', message: 'take `nextCursor` of the page before, with the same `sort`' }],
    })
  }
  return numbers
}
