import type { Database, SqlTransaction } from '@easel/database'

type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

export type FoundUpdate = {
  source: string
  modelId: string
  modelName: string
  installedVersionId: string
  installedVersionName: string
  versionId: string
  versionName: string
}

export type UpdateRow = {
  seq: string
  modelKey: string
  versionKey: string
  installedId: string
  installedName: string
  foundAt: Date
}

/**
 * For each family of an installed model: the newest version that the source offers, when nothing of it is here and it
 * is newer than what is. A file of a repository is replaced by the one of the same path with other bytes.
 */
const newest = `
  with here as (
    select distinct v.model_key, v.key as version_key, f.id as file_id
    from files l join model_files f on f.sha256 = l.sha256 join model_versions v on v.key = f.version_key
    union
    select m.key, v.key, null from files l join models m on m.source = l.model_source and m.id = l.model_id
    join model_versions v on v.model_key = m.key and v.id = l.version_id
  ), installed as (
    select distinct on (v.model_key, coalesce(v.family, v.base_model, ''))
      v.model_key, v.key, v.id, v.name, v.published_at, v.position, v.withdrawn,
      coalesce(v.family, v.base_model, '') as line, h.file_id
    from here h join model_versions v on v.key = h.version_key join models m on m.key = v.model_key
    where m.source <> 'local'
    order by v.model_key, coalesce(v.family, v.base_model, ''), v.withdrawn, v.published_at desc nulls last, v.position, v.key desc
  ), offered as (
    select distinct on (i.model_key, i.line) i.model_key, i.line, n.key as version_key, i.id as installed_id,
      i.name as installed_name
    from installed i join models m on m.key = i.model_key
    join model_versions n on n.model_key = i.model_key and not n.withdrawn
      and coalesce(n.family, n.base_model, '') = i.line and n.key <> i.key
    where case when m.source = 'huggingface' then i.withdrawn and exists (
        select from model_files o join model_files f on f.id = o.id
        where o.version_key = i.key and o.id = i.file_id and f.version_key = n.key
          and f.sha256 is not null and f.sha256 <> o.sha256)
      when i.published_at is not null and n.published_at is not null then n.published_at > i.published_at
      else i.withdrawn or n.position < i.position end
    order by i.model_key, i.line, n.published_at desc nulls last, n.position, n.key desc
  )
  select o.model_key, o.version_key, o.installed_id, o.installed_name from offered o
  where not exists (select from here h where h.version_key = o.version_key)`

export class UpdatesRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Brings the table to what is so now; gives what is new in it. */
  async refresh(): Promise<FoundUpdate[]> {
    await this.sql.query(
      `delete from model_updates u where not exists (
         select from (${newest}) n where n.model_key = u.model_key and n.version_key = u.version_key)`,
    )
    const { rows } = await this.sql.query<FoundUpdate>(
      `with added as (
         insert into model_updates (model_key, version_key, installed_id, installed_name)
         select model_key, version_key, installed_id, installed_name from (${newest}) n
         order by model_key, version_key
         on conflict (model_key, version_key) do nothing
         returning model_key, version_key, installed_id, installed_name)
       select m.source, m.id as "modelId", m.name as "modelName", a.installed_id as "installedVersionId",
         a.installed_name as "installedVersionName", v.id as "versionId", v.name as "versionName"
       from added a join models m on m.key = a.model_key join model_versions v on v.key = a.version_key`,
    )
    return rows
  }

  /** The newest find first, without what the user has dismissed. */
  async list({ userId, before, limit, nsfwRank }: UpdatesWish): Promise<UpdateRow[]> {
    const { rows } = await this.sql.query<UpdateRow>(
      `select u.seq, u.model_key as "modelKey", u.version_key as "versionKey", u.installed_id as "installedId",
         u.installed_name as "installedName", u.found_at as "foundAt"
       from model_updates u join models m on m.key = u.model_key join model_versions v on v.key = u.version_key
       where m.nsfw_rank <= $2 and ($3::bigint is null or u.seq < $3)
         and not exists (select from update_dismissals x
           where x.user_id = $1 and x.source = m.source and x.model_id = m.id and x.version_id = v.id)
       order by u.seq desc limit $4`,
      [userId, nsfwRank, before ?? null, limit],
      { name: 'updates-list' },
    )
    return rows
  }

  async dismiss(userId: string, { source, modelId, versionId }: DismissedVersion): Promise<void> {
    await this.sql.query(
      `insert into update_dismissals (user_id, source, model_id, version_id) values ($1, $2, $3, $4)
       on conflict do nothing`,
      [userId, source, modelId, versionId],
      { name: 'updates-dismiss' },
    )
  }
}

export type DismissedVersion = { source: string; modelId: string; versionId: string }
export type UpdatesWish = { userId: string; before: string | undefined; limit: number; nsfwRank: number }
