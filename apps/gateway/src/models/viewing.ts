import { nsfwLevels } from '@easel/contracts'
import type { NsfwLevel } from '@easel/contracts'
import type { Caller } from '../identity/caller.ts'

type Asked = { maxNsfw?: NsfwLevel }

/**
 * What the query says, else what the caller chose once for all. A query may say more than that: the choice keeps
 * such pictures from coming unasked, it forbids nothing.
 */
export function asViewed<Q extends Asked>(query: Q, { maxNsfw }: Pick<Caller, 'maxNsfw'>): Q {
  return query.maxNsfw === undefined ? Object.assign(query, { maxNsfw }) : query
}

/** Of a row, whose column is plain text. */
export function readNsfw(text: string): NsfwLevel {
  return nsfwLevels.find((level) => level === text) ?? 'pg'
}
