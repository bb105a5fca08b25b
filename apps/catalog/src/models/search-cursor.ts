import { AppError } from '@easel/protocol'
import { isMoment } from '../moment.ts'
import type { Edges, Order, Place, RankedPlace } from './search-statement.ts'

/** Where a page of a search ended. A page after it holds what lies beyond, whatever was added since. */
export type SearchCursor = {
  readonly order: Order | 'relevance'
  /** How many were shown up to here: tells when a source has to be asked for more. */
  readonly seen: number
  /** The spelling that was searched with, where it is not the one asked for. */
  readonly instead?: string | undefined
  readonly edges?: Edges | undefined
  readonly ranked?: RankedPlace | undefined
  readonly place?: Place | undefined
}

/** A list, for a cursor has to be short. */
type Packed = readonly unknown[]

export function encodeSearchCursor({ order, seen, instead, edges, ranked, place }: SearchCursor): string {
  const packed: Packed = [
    order,
    seen,
    instead ?? null,
    edges ? [edges.all, edges.names] : null,
    ranked ? [ranked.score, ranked.key] : null,
    place ?? null,
  ]
  return Buffer.from(JSON.stringify(packed)).toString('base64url')
}

export function decodeSearchCursor(text: string, order: SearchCursor['order']): SearchCursor {
  const packed = parse(text)
  if (!Array.isArray(packed) || packed.length !== 6) throw unknownCursor()
  const [of, seen, instead, edges, ranked, place] = packed as unknown[]
  if (of !== order || !Number.isSafeInteger(seen) || (seen as number) < 0) throw unknownCursor()
  if (instead !== null && (typeof instead !== 'string' || instead.length > 200)) throw unknownCursor()
  const pair = edges === null ? undefined : listOf(edges)
  const score = ranked === null ? undefined : placeOf(ranked, number)
  const cursor: SearchCursor = {
    order,
    seen: seen as number,
    instead: instead === null ? undefined : (instead as string).replaceAll('\0', ''),
    edges: pair && {
      all: pair[0] === null ? null : placeOf(pair[0], digits),
      names: pair[1] === null ? null : placeOf(pair[1], digits),
    },
    ranked: score && { score: score[0], key: score[1] },
    place: place === null ? undefined : placeOf(place, order === 'relevance' ? digits : values[order]),
  }
  if (isTimed(order) && cursor.place && !isMoment(cursor.place[0])) throw unknownCursor()
  if (cursor.ranked === undefined && cursor.place === undefined) throw unknownCursor()
  if (order === 'relevance' && cursor.edges === undefined) throw unknownCursor()
  return cursor
}

const digits = /^\d{1,18}$/
const number = /^-?\d{1,10}(\.\d{1,20})?(e-?\d{1,2})?$/
const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-](0\d|1[0-4])(:[0-5]\d)?$/
const isTimed = (order: SearchCursor['order']): boolean => order === 'newest' || order === 'updated'

/** What would be an error in the query is refused here. */
const values: Readonly<Record<Order, RegExp>> = {
  downloads: digits,
  likes: digits,
  newest: time,
  updated: time,
  name: /^[^\0]{0,200}$/,
}

function placeOf(value: unknown, pattern: RegExp): Place {
  const [first, key] = listOf(value)
  if (typeof first !== 'string' || !pattern.test(first) || typeof key !== 'string' || !digits.test(key)) {
    throw unknownCursor()
  }
  return [first, key]
}

function listOf(value: unknown): readonly [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2) throw unknownCursor()
  return value as unknown as readonly [unknown, unknown]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

const unknownCursor = () =>
  new AppError('invalid', 'This cursor is of another search', {
    reason: 'CURSOR_INVALID',
    faults: [
      { path: 'cursor', message: 'must be the nextCursor of the page before, with the same question' },
    ],
  })
