import { AppError } from '@easel/protocol'

export type HubCursor = { createdAt: string; sha256: string }

export function encodeHubCursor({ createdAt, sha256 }: { createdAt: Date; sha256: string }): string {
  return Buffer.from(`${createdAt.toISOString()} ${sha256}`).toString('base64url')
}

export function decodeHubCursor(cursor: string | null | undefined): HubCursor | undefined {
  if (cursor === undefined || cursor === null) return undefined
  const [createdAt = '', sha256 = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
  if (!/^[0-9a-f]{64}$/.test(sha256) || Number.isNaN(Date.parse(createdAt))) {
    throw new AppError('invalid', 'This cursor is none of ours', { reason: 'CURSOR_INVALID' })
  }
  return { createdAt, sha256 }
}
