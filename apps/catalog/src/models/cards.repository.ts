import type { Database } from '@easel/database'
import type { CoverRow } from './model-rows.ts'

export type CardRow = {
  key: string
  source: string
  id: string
  name: string
  type: string
  family: string | null
  baseModel: string | null
  creator: string | null
  nsfwRank: number
  downloads: number
  likes: number
  publishedAt: Date
  updatedAt: Date
  tags: string[]
  gate: string
  commercialUse: boolean | null
  bytes: number | null
  covers: CoverRow[]
  /** A library file that has a picture of its own. */
  pictured: boolean
  favorite: boolean
  updateAvailable: boolean
}

/** A library file that is a file of a version, or is said to be. */
export type InstalledRow = {
  modelKey: string
  versionKey: string
  fileId: string
  /** Of the version's file. */
  id: string | null
  isPrimary: boolean
  /** How many files with weights the version has. */
  weights: number
}

export const cardColumns = `
  m.key, m.source, m.id, m.name, m.type, m.family, m.base_model as "baseModel", m.creator, m.nsfw_rank as "nsfwRank",
  m.downloads::float8 as downloads, m.likes::float8 as likes, m.published_at as "publishedAt",
  m.updated_at as "updatedAt", d.tags, d.gate, d.commercial_use as "commercialUse", d.bytes::float8 as bytes, d.covers,
  case when m.source = 'local' then exists (
    select from files p where p.id = m.id::uuid and p.preview is not null) else false end as pictured`

const ofUser = (user: string) => `
  exists (select from favorites f where f.user_id = ${user} and f.source = m.source and f.model_id = m.id) as favorite,
  exists (
    select from model_updates u join model_versions v on v.key = u.version_key
    where u.model_key = m.key and not exists (
      select from update_dismissals x where x.user_id = ${user} and x.source = m.source and x.model_id = m.id
        and x.version_id = v.id)) as "updateAvailable"`

const weights = `(select count(*)::int from model_files w
           where w.version_key = v.key and w.format in ('safetensors', 'gguf', 'pickle')) as weights`

export class CardsRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  /** In the order of the keys. */
  async list(keys: readonly string[], userId: string): Promise<CardRow[]> {
    if (keys.length === 0) return []
    const { rows } = await this.database.query<CardRow>(
      `select ${cardColumns}, ${ofUser('$2::uuid')}
       from unnest($1::bigint[]) with ordinality as w(key, place)
       join models m on m.key = w.key join model_details d on d.model_key = m.key order by w.place`,
      [keys, userId],
      { name: 'cards-list' },
    )
    return rows
  }

  async listInstalled(keys: readonly string[]): Promise<InstalledRow[]> {
    if (keys.length === 0) return []
    const { rows } = await this.database.query<InstalledRow>(
      `select v.model_key as "modelKey", v.key as "versionKey", l.id as "fileId", f.id, f.is_primary as "isPrimary",
         ${weights}
       from model_versions v join model_files f on f.version_key = v.key join files l on l.sha256 = f.sha256
       where v.model_key = any($1::bigint[])
       union
       select m.key, v.key, l.id, null, true, ${weights}
       from models m join files l on l.model_source = m.source and l.model_id = m.id
       join model_versions v on v.model_key = m.key and v.id = l.version_id
       where m.key = any($1::bigint[])
         and not exists (select from model_files f where f.version_key = v.key and f.sha256 = l.sha256)`,
      [keys],
      { name: 'cards-installed' },
    )
    return rows
  }

  async findKey(source: string, id: string): Promise<string | undefined> {
    const { rows } = await this.database.query<{ key: string }>(
      'select key from models where source = $1 and id = $2',
      [source, id],
      { name: 'cards-key' },
    )
    return rows[0]?.key
  }
}
