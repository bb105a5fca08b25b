import type { Database } from '@easel/database'

export type StoredBundle = { id: string; document: object; updatedAt: Date }

const select = 'select id, document, updated_at as "updatedAt" from bundles'

export class BundlesRepository {
  constructor(private readonly database: Database) {}

  /** Another one after every change. */
  async stamp(): Promise<string> {
    const { rows } = await this.database.query<{ stamp: string }>(
      `select count(*) || ':' || coalesce(max(revision), 0) as stamp from bundles`,
      [],
      { name: 'bundles-stamp' },
    )
    return rows[0]!.stamp
  }

  async list(): Promise<StoredBundle[]> {
    return (await this.database.query<StoredBundle>(`${select} order by id`)).rows
  }

  /** At most so many in all: undefined when that is reached. */
  async put(bundle: { id: string }, by: { userId: string; most: number }): Promise<StoredBundle | undefined> {
    const { rows } = await this.database.query<StoredBundle>(
      `insert into bundles (id, document, updated_by)
       select $1, $2, $3
        where (select count(*) from bundles) < $4 or exists (select 1 from bundles where id = $1)
       on conflict (id) do update set document = excluded.document, updated_by = excluded.updated_by,
         updated_at = now(), revision = nextval(pg_get_serial_sequence('bundles', 'revision'))
       returning id, document, updated_at as "updatedAt"`,
      [bundle.id, JSON.stringify(bundle), by.userId, by.most],
    )
    return rows[0]
  }

  async delete(id: string): Promise<boolean> {
    const { rowCount } = await this.database.query('delete from bundles where id = $1', [id])
    return rowCount === 1
  }
}
