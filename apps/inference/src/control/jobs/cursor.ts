import { AppError } from '@easel/protocol'

/** Opaque to callers: where in the order of arrival a page ended. */
export function writeCursor(seq: string): string {
  return Buffer.from(seq).toString('base64url')
}

export function readCursor(cursor: string): string {
  const seq = Buffer.from(cursor, 'base64url').toString('latin1')
  if (/^\d{1,18}$/.test(seq)) return seq
  const message = 'This is no cursor of this list'
  throw new AppError('invalid', message, { reason: 'INVALID_INPUT', faults: [{ path: 'cursor', message }] })
}
