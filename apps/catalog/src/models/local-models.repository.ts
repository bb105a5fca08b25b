import type { Database } from '@easel/database'

export type LocalFile = {
  id: string
  name: string
  title: string | null
  path: string
  type: string | null
  folder: string
  format: string
  precision: string | null
  family: string | null
  baseModel: string | null
  description: string | null
  triggerWords: string[]
  bytes: number
  sha256: string | null
  autoV2: string | null
  autoV3: string | null
  modifiedAt: Date
  linkedSource: string | null
  nsfwLevel: number
  mark: string
}

/** Of links and copies of the same bytes the first path is the model. */
const shown = `
  select distinct on (coalesce(f.sha256, f.id::text)) f.*,
    m.source as linked_source, coalesce(d.nsfw_level, 0) as nsfw_level
  from files f
  left join models m on m.source = f.model_source and m.id = f.model_id and m.source <> 'local'
  left join model_details d on d.model_key = m.key
  where f.state <> 'refused'
  order by coalesce(f.sha256, f.id::text), f.path, f.id`

const mark = `md5(row(f.name, f.title, f.path, f.type, f.folder, f.format, f.precision, f.family, f.base_model,
  f.description, f.trigger_words, f.bytes, f.sha256, f.auto_v3, f.modified_at, f.linked_source, f.nsfw_level)::text)`

export class LocalModelsRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  /** Those whose row is not there or tells something else. */
  async listChanged(limit: number): Promise<LocalFile[]> {
    const { rows } = await this.database.query<LocalFile>(
      `with shown as (${shown})
       select f.id, f.name, f.title, f.path, f.type, f.folder, f.format, f.precision, f.family,
         f.base_model as "baseModel", f.description, f.trigger_words as "triggerWords", f.bytes::float8 as bytes,
         f.sha256, f.auto_v2 as "autoV2", f.auto_v3 as "autoV3", f.modified_at as "modifiedAt",
         f.linked_source as "linkedSource", f.nsfw_level as "nsfwLevel", ${mark} as mark
       from shown f left join models m on m.source = 'local' and m.id = f.id::text
       where m.digest is distinct from ${mark} order by f.id limit $1`,
      [limit],
    )
    return rows
  }

  async removeGone(): Promise<number> {
    const { rowCount } = await this.database.query(
      `delete from models m where m.source = 'local'
         and not exists (select from (${shown}) f where f.id::text = m.id)`,
    )
    return rowCount ?? 0
  }
}
