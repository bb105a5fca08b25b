import type { Database } from '@easel/database'

export type FavoritePlace = { at: string; key: string }

export class FavoritesRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async add(userId: string, source: string, modelId: string): Promise<void> {
    await this.database.query(
      'insert into favorites (user_id, source, model_id) values ($1, $2, $3) on conflict do nothing',
      [userId, source, modelId],
      { name: 'favorites-add' },
    )
  }

  async remove(userId: string, source: string, modelId: string): Promise<void> {
    await this.database.query(
      'delete from favorites where user_id = $1 and source = $2 and model_id = $3',
      [userId, source, modelId],
      { name: 'favorites-remove' },
    )
  }

  /** The newest first. */
  async list({ userId, after, limit, nsfwRank }: FavoritesWish): Promise<FavoritePlace[]> {
    const { rows } = await this.database.query<FavoritePlace>(
      `select f.created_at::text as at, m.key from favorites f join models m on m.source = f.source and m.id = f.model_id
       where f.user_id = $1 and m.nsfw_rank <= $2
         and ($3::timestamptz is null or (f.created_at, m.key) < ($3::timestamptz, $4::bigint))
       order by f.created_at desc, m.key desc limit $5`,
      [userId, nsfwRank, after?.at ?? null, after?.key ?? null, limit],
      { name: 'favorites-list' },
    )
    return rows
  }

  /** Of anybody, for the sync: those that are asked for longest ago first. */
  async listStale(source: string, olderThanMs: number, limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `select m.id from models m
       where m.source = $1 and (m.synced_at is null or m.synced_at < now() - make_interval(secs => $2))
         and (exists (select from favorites f where f.source = m.source and f.model_id = m.id)
           or m.key in (
             select v.model_key from files l join model_files f on f.sha256 = l.sha256
             join model_versions v on v.key = f.version_key
             union all
             select k.key from files l join models k on k.source = l.model_source and k.id = l.model_id))
       order by m.synced_at nulls first, m.key limit $3`,
      [source, olderThanMs / 1_000, limit],
    )
    return rows.map(({ id }) => id)
  }
}

export type FavoritesWish = {
  userId: string
  after: FavoritePlace | undefined
  limit: number
  nsfwRank: number
}
