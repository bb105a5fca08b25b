import type { Database, SqlTransaction } from '@easel/database'
import type { StoredEntry } from './collection-entry.ts'

export type SummaryRow = {
  id: string
  spaceId: string
  createdBy: string
  name: string
  description: string | null
  prompt: string | null
  tags: string[]
  position: number
  entryCount: number
  covers: string[]
  revision: number
  createdAt: Date
  updatedAt: Date
}

export type CollectionRow = SummaryRow & { entries: StoredEntry[] }

export type NewCollection = Pick<
  CollectionRow,
  'id' | 'spaceId' | 'createdBy' | 'name' | 'description' | 'prompt' | 'tags' | 'position' | 'entries'
>
export type Edit = Partial<
  Pick<CollectionRow, 'name' | 'description' | 'prompt' | 'tags' | 'position' | 'entries'>
>

export type ListWish = {
  spaceIds: readonly string[]
  q: string | undefined
  tag: string | undefined
  after: { position: number; id: string } | undefined
  limit: number
}

type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

const shownCovers = 4
const summary = `id, space_id as "spaceId", created_by as "createdBy", name, description, prompt, tags, position,
  jsonb_array_length(entries) as "entryCount",
  array(select image #>> '{}' from jsonb_path_query(entries, '$[*].baseImages[*]') as image
    limit ${shownCovers}) as covers,
  revision, created_at as "createdAt", updated_at as "updatedAt"`
const whole = `${summary}, entries`

export const nameKeyOf = (name: string): string => name.toLowerCase()

export class CollectionsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** At most so many in a space: undefined when that is reached. */
  async insert(row: NewCollection, most: number): Promise<CollectionRow | undefined> {
    const { id, spaceId, createdBy, name, description, prompt, tags, position, entries } = row
    const { rows } = await this.sql.query<CollectionRow>(
      `insert into collections (id, space_id, created_by, name, name_key, description, prompt, tags, position, entries)
       select $1, $2, $3, $4, $5, $6, $7, $8::text[], $9::int, $10::jsonb
        where (select count(*) from collections where space_id = $2) < $11::int
       returning ${whole}`,
      [
        id,
        spaceId,
        createdBy,
        name,
        nameKeyOf(name),
        description,
        prompt,
        tags,
        position,
        JSON.stringify(entries),
        most,
      ],
    )
    return rows[0]
  }

  async find(id: string): Promise<CollectionRow | undefined> {
    const { rows } = await this.sql.query<CollectionRow>(
      `select ${whole} from collections where id = $1`,
      [id],
      { name: 'collections-find' },
    )
    return rows[0]
  }

  /** Nobody else changes it before the end of the transaction. */
  async lock(id: string): Promise<CollectionRow | undefined> {
    const { rows } = await this.sql.query<CollectionRow>(
      `select ${whole} from collections where id = $1 for update`,
      [id],
    )
    return rows[0]
  }

  async findByName(spaceId: string, name: string): Promise<CollectionRow | undefined> {
    const { rows } = await this.sql.query<CollectionRow>(
      `select ${whole} from collections where space_id = $1 and name_key = $2`,
      [spaceId, nameKeyOf(name)],
    )
    return rows[0]
  }

  async lockByName(spaceId: string, name: string): Promise<CollectionRow | undefined> {
    const { rows } = await this.sql.query<CollectionRow>(
      `select ${whole} from collections where space_id = $1 and name_key = $2 for update`,
      [spaceId, nameKeyOf(name)],
    )
    return rows[0]
  }

  async list({ spaceIds, q, tag, after, limit }: ListWish): Promise<SummaryRow[]> {
    const part = q === undefined ? null : `%${nameKeyOf(q).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    const { rows } = await this.sql.query<SummaryRow>(
      `select ${summary} from collections
       where space_id = any($1::uuid[]) and ($2::text is null or name_key like $2)
         and ($3::text is null or $3 = any(tags))
         and ($4::int is null or (position, id) > ($4, $5::uuid))
       order by position, id limit $6`,
      [spaceIds, part, tag ?? null, after?.position ?? null, after?.id ?? null, limit],
      { name: 'collections-list' },
    )
    return rows
  }

  async listWhole(spaceId: string, ids: readonly string[] | undefined, limit: number) {
    const { rows } = await this.sql.query<CollectionRow>(
      `select ${whole} from collections
       where space_id = $1 and ($2::uuid[] is null or id = any($2)) order by position, id limit $3`,
      [spaceId, ids ?? null, limit],
    )
    return rows
  }

  /** Changes nothing, and gives undefined, when the revision is another. */
  async edit(
    at: { id: string; revision: number },
    { name, description, prompt, tags, position, entries }: Edit,
  ): Promise<CollectionRow | undefined> {
    const { rows } = await this.sql.query<CollectionRow>(
      `update collections set name = coalesce($3, name), name_key = coalesce($4, name_key),
         description = case when $5 then $6 else description end,
         prompt = case when $7 then $8 else prompt end,
         tags = coalesce($9::text[], tags), position = coalesce($10::int, position),
         entries = coalesce($11::jsonb, entries), revision = revision + 1, updated_at = now()
       where id = $1 and revision = $2 returning ${whole}`,
      [
        at.id,
        at.revision,
        name ?? null,
        name === undefined ? null : nameKeyOf(name),
        description !== undefined,
        description ?? null,
        prompt !== undefined,
        prompt ?? null,
        tags ?? null,
        position ?? null,
        entries === undefined ? null : JSON.stringify(entries),
      ],
      { name: 'collections-edit' },
    )
    return rows[0]
  }

  async delete(id: string): Promise<CollectionRow | undefined> {
    const { rows } = await this.sql.query<CollectionRow>(
      `delete from collections where id = $1 returning ${whole}`,
      [id],
    )
    return rows[0]
  }
}
