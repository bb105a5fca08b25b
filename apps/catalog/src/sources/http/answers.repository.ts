import type { Database } from '@easel/database'

/** What is kept of a source's answer. */
export type KeptAnswer = {
  body: string | null
  etag: string | null
  lastModified: string | null
  link: string | null
  fetchedAt: Date | null
  fresh: boolean
  failure: unknown
  /** The failure is still believed. */
  failing: boolean
}

export type NewAnswer = {
  key: string
  source: string
  url: string
  body: string
  etag: string | null
  lastModified: string | null
  link: string | null
  ageMs: number
}

/** All times are the database's. */
export class AnswersRepository {
  constructor(private readonly sql: Pick<Database, 'query'>) {}

  async find(key: string): Promise<KeptAnswer | undefined> {
    const { rows } = await this.sql.query<KeptAnswer>(
      `select body, etag, last_modified as "lastModified", link, fetched_at as "fetchedAt", failure,
         coalesce(fresh_until > now(), false) as fresh, coalesce(failed_until > now(), false) as failing
       from source_answers where key = $1`,
      [key],
      { name: 'source-answer' },
    )
    return rows[0]
  }

  async keep({ key, source, url, body, etag, lastModified, link, ageMs }: NewAnswer): Promise<Date> {
    const { rows } = await this.sql.query<{ fetchedAt: Date }>(
      `insert into source_answers
         (key, source, url, body, etag, last_modified, link, fetched_at, fresh_until, used_at)
       values ($1, $2, $3, $4, $5, $6, $7, now(), now() + $8 * interval '1 ms', now())
       on conflict (key) do update set body = excluded.body, etag = excluded.etag,
         last_modified = excluded.last_modified, link = excluded.link, fetched_at = now(),
         fresh_until = excluded.fresh_until, failure = null, failed_until = null, used_at = now()
       returning fetched_at as "fetchedAt"`,
      [key, source, url, body, etag, lastModified, link, ageMs],
      { name: 'source-answer-keep' },
    )
    return rows[0]!.fetchedAt
  }

  /** The source said that nothing changed. Undefined when the answer is no longer there. */
  async renew(key: string, ageMs: number): Promise<Date | undefined> {
    const { rows } = await this.sql.query<{ fetchedAt: Date }>(
      `update source_answers set fetched_at = now(), fresh_until = now() + $2 * interval '1 ms', failure = null,
         failed_until = null, used_at = now()
       where key = $1 and body is not null returning fetched_at as "fetchedAt"`,
      [key, ageMs],
      { name: 'source-answer-renew' },
    )
    return rows[0]?.fetchedAt
  }

  async keepFailure(failed: {
    key: string
    source: string
    url: string
    failure: unknown
    ageMs: number
  }): Promise<void> {
    const { key, source, url, failure, ageMs } = failed
    await this.sql.query(
      `insert into source_answers (key, source, url, failure, failed_until, used_at)
       values ($1, $2, $3, $4, now() + $5 * interval '1 ms', now())
       on conflict (key) do update set failure = excluded.failure, failed_until = excluded.failed_until`,
      [key, source, url, JSON.stringify(failure), ageMs],
      { name: 'source-answer-failed' },
    )
  }

  /** What nobody asked the source for in so many days. */
  async forget(days: number): Promise<void> {
    await this.sql.query(`delete from source_answers where used_at < now() - $1 * interval '1 day'`, [days])
  }
}
