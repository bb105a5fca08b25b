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
    // They change with every model file that comes or goes: those that no worker has had for long are not kept.
    await this.sql.query(
      `delete from node_definitions d where hash <> $1 and created_at < now() - interval '30 days'
         and not exists (select from workers w where w.object_info_hash = d.hash)`,
      [hash],
    )
  }
}
