import type { Sql } from '../sql.ts'

export type SuggestedTitle = { sessionId: string; title: string }

/** `pg`, because it belongs to the import. */
export class SessionTitlesRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /**
   * The first prompt names a session that nobody has named. Its revision stays: a page that is about to save a draft
   * must not be refused for a title that it has not touched.
   */
  async suggest(titles: readonly SuggestedTitle[]): Promise<void> {
    if (titles.length === 0) return
    const first = [...new Map(titles.toReversed().map((each) => [each.sessionId, each])).values()]
    await this.sql.query(
      `update session set title = g.title, titled_by = 'prompt', updated_at = now()
       from jsonb_to_recordset($1::jsonb) as g("sessionId" uuid, title text)
       where session.id = g."sessionId" and titled_by = 'nobody'`,
      [JSON.stringify(first)],
      { name: 'session-suggest-titles' },
    )
  }
}
