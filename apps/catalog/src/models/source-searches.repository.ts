import type { Database } from '@easel/database'

export type SourceSearch = { pages: number; nextCursor: string | null }

/** How far sources were asked, for all replicas. */
export class SourceSearchesRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async findFresh(source: string, digest: string, maxAgeMs: number): Promise<SourceSearch | undefined> {
    const { rows } = await this.database.query<SourceSearch>(
      `select pages, next_cursor as "nextCursor" from source_searches
       where source = $1 and digest = $2 and asked_at > now() - make_interval(secs => $3)`,
      [source, digest, maxAgeMs / 1_000],
      { name: 'source-search-fresh' },
    )
    return rows[0]
  }

  /** The first page begins a search anew. */
  async keep(source: string, digest: string, { pages, nextCursor }: SourceSearch): Promise<void> {
    await this.database.query(
      `insert into source_searches as s (source, digest, pages, next_cursor, asked_at) values ($1, $2, $3, $4, now())
       on conflict (source, digest) do update set pages = excluded.pages, next_cursor = excluded.next_cursor,
         asked_at = case when excluded.pages = 1 then excluded.asked_at else s.asked_at end`,
      [source, digest, pages, nextCursor],
      { name: 'source-search-keep' },
    )
  }

  async forget(maxAgeMs: number): Promise<void> {
    await this.database.query(
      'delete from source_searches where asked_at < now() - make_interval(secs => $1)',
      [maxAgeMs / 1_000],
    )
  }
}
