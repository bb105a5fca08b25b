import { AppError } from '@easel/protocol'

export type DownloadCursor = { createdAt: string; id: string }

const shape = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f-]{36})$/

export function encodeCursor({ createdAt, id }: DownloadCursor): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url')
}

export function decodeCursor(text: string): DownloadCursor {
  const match = shape.exec(Buffer.from(text, 'base64url').toString())
  if (!match || Number.isNaN(Date.parse(match[1]!))) {
    throw new AppError('invalid', 'This cursor is of another list', {
      faults: [{ path: 'cursor', message: 'must be the nextCursor of the page before' }],
    })
  }
  return { createdAt: match[1]!, id: match[2]! }
}
