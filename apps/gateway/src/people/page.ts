import { malformed } from '../http/problem.ts'
import { isUuid } from '../identity/caller.ts'
import type { PageQuery } from '@easel/contracts'

export const defaultLimit = 50

/** Ids rise with time, so an id is a place in a list that is newest first. */
export function writeCursor(id: string): string {
  return Buffer.from(id).toString('base64url')
}

export function readCursor(cursor: string | undefined, isId: (text: string) => boolean): string | undefined {
  if (cursor === undefined) return undefined
  const id = Buffer.from(cursor, 'base64url').toString()
  if (!isId(id)) throw malformed('This cursor is none of ours')
  return id
}

/** Prisma's arguments for one row more than the page has: it tells whether there is a next one. */
export function pageArguments({ limit = defaultLimit, cursor }: PageQuery) {
  const before = readCursor(cursor, isUuid)
  return {
    take: limit + 1,
    orderBy: { id: 'desc' as const },
    where: before === undefined ? {} : { id: { lt: before } },
  }
}

export type Page<T> = { items: T[]; nextCursor: string | null }

export function toPage<R, T>(
  rows: readonly R[],
  { limit = defaultLimit }: PageQuery,
  { id, view }: { id: (row: R) => string; view: (row: R) => T },
): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const nextCursor = rows.length > limit && last !== undefined ? writeCursor(id(last)) : null
  return { items: items.map(view), nextCursor }
}
