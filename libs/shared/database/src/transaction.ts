import type { PoolClient, QueryResult, QueryResultRow } from 'pg'
import { Inbox } from './inbox.ts'
import { Outbox, type HeaderSource } from './outbox.ts'

export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable'

export type QueryOptions = {
  /** Prepares the statement under this name, once per connection. One name, one text. */
  readonly name?: string
}

/** A transaction over `pg`. It ends with the function it was given to. */
export class SqlTransaction {
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly #client: PoolClient
  #wroteOutbox = false

  /** @internal */
  constructor(client: PoolClient, headers: HeaderSource) {
    this.#client = client
    this.outbox = new Outbox(async (sql, values) => {
      await this.query(sql, values, { name: 'outbox-add' })
      this.#wroteOutbox = true
    }, headers)
    this.inbox = new Inbox(
      async (sql, values) => (await this.query(sql, values, { name: 'inbox-claim' })).rowCount ?? 0,
    )
  }

  get wroteOutbox(): boolean {
    return this.#wroteOutbox
  }

  query<R extends QueryResultRow = QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
    { name }: QueryOptions = {},
  ): Promise<QueryResult<R>> {
    return this.#client.query<R>({ text: sql, values: [...values], name })
  }
}
