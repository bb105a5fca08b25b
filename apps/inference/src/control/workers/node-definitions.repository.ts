import type { Sql } from '../sql.ts'

/** Where the node definitions of a hash are kept. */
export class NodeDefinitionsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async findBlob(hash: string): Promise<string | undefined> {
    const { rows } = await this.sql.query<{ blob: string }>(
      'select blob from node_definitions where hash = $1',
      [hash],
    )
    return rows[0]?.blob
  }

  async save(hash: string, blob: string): Promise<void> {
    await this.sql.query(
      'insert into node_definitions (hash, blob) values ($1, $2) on conflict (hash) do update set blob = excluded.blob',
      [hash, blob],
    )
  }
}
