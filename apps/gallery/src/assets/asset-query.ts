import type { Cursor } from './cursor.ts'
import { searchWords } from './asset-row.ts'

export type AssetFilter = {
  readonly spaceIds: readonly string[]
  readonly q?: string
  readonly model?: string
  readonly lora?: string
  readonly tag?: string
  readonly kind?: string
  readonly origin?: string
  readonly sessionId?: string
  readonly jobId?: string
  readonly createdBy?: string
  readonly rating?: number
  readonly favorite?: boolean
  readonly since?: string
  readonly until?: string
}

export type AssetOrder = 'newest' | 'oldest' | 'rating'

/** How many numbers a cursor of that order has. */
export const cursorParts = (order: AssetOrder) => (order === 'rating' ? 2 : 1)

type Condition = { name: string; sql: (place: string) => string; value: unknown }

const simple: readonly [keyof AssetFilter, (place: string) => string][] = [
  ['model', (at) => `a.models @> array[${at}::text]`],
  ['lora', (at) => `a.loras @> array[${at}::text]`],
  ['tag', (at) => `a.tags @> array[${at}::text]`],
  ['kind', (at) => `a.kind = ${at}`],
  ['origin', (at) => `a.origin = ${at}`],
  ['sessionId', (at) => `a.session_id = ${at}::uuid`],
  ['jobId', (at) => `a.job_id = ${at}::uuid`],
  ['createdBy', (at) => `a.created_by = ${at}::uuid`],
  ['rating', (at) => `a.rating >= ${at}::int`],
  ['favorite', (at) => `a.favorite = ${at}::boolean`],
  ['since', (at) => `a.created_at >= ${at}::timestamptz`],
  ['until', (at) => `a.created_at < ${at}::timestamptz`],
]

function conditions(filter: AssetFilter): Condition[] {
  const given = simple.flatMap(([name, sql]) =>
    filter[name] === undefined ? [] : [{ name, sql, value: filter[name] }],
  )
  const words = searchWords(filter.q ?? '').map((word) => ({
    name: 'q',
    sql: (at: string) => `a.search like ${at}`,
    value: `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
  }))
  return [...given, ...words]
}

const after: Record<AssetOrder, (first: string, second: string) => string> = {
  newest: (seq) => `a.seq < ${seq}::bigint`,
  oldest: (seq) => `a.seq > ${seq}::bigint`,
  rating: (rating, seq) => `(a.rating, a.seq) < (least(${rating}::bigint, 5)::int, ${seq}::bigint)`,
}

const orderBy: Record<AssetOrder, string> = {
  newest: 'a.seq desc',
  oldest: 'a.seq',
  rating: 'a.rating desc, a.seq desc',
}

export type Statement = { sql: string; values: unknown[]; name?: string }
export type AssetPageQuery = {
  filter: AssetFilter
  order: AssetOrder
  after?: Cursor | undefined
  limit: number
}

/**
 * Each space is asked for its own page, which its index gives in order, and the pages are merged: with a plain
 * `space_id = any(…)` the server would sort all that the spaces hold.
 */
export function pageStatement(
  columns: string,
  { filter, order, after: cursor, limit }: AssetPageQuery,
): Statement {
  const values: unknown[] = [filter.spaceIds, limit]
  const place = (value: unknown) => `$${values.push(value)}`
  const wanted = conditions(filter)
  const where = wanted.map(({ sql, value }) => sql(place(value)))
  if (cursor) where.push(after[order](place(cursor[0]), cursor[1] === undefined ? '' : place(cursor[1])))
  const and = where.map((each) => ` and ${each}`).join('')
  const sql = `
    select ${columns}
    from unnest($1::uuid[]) as s(space_id)
    cross join lateral (
      select a.* from asset a where a.space_id = s.space_id${and} order by ${orderBy[order]} limit $2
    ) a
    join media m on m.blob = a.blob
    order by ${orderBy[order]} limit $2`
  // A prepared statement stays with its connection: only the few common shapes get a name.
  if (wanted.length > 1 || wanted.some(({ name }) => name === 'q')) return { sql, values }
  const name = ['assets', order, cursor ? 'after' : 'first', ...wanted.map((each) => each.name)].join('-')
  return { sql, values, name }
}
