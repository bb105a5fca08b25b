import type { Database } from '@easel/database'

/** What a repository asks its questions to: the database, or a transaction in it. */
export type Sql = Pick<Database, 'query'>
