import type { Database } from '@easel/database'
import { fileColumns } from '../library/library.repository.ts'
import type { FileRow } from '../library/file-view.ts'
import type { CoverRow } from '../models/model-rows.ts'

/** A version of the catalogue and the file of it that is meant. */
export type CataloguedLora = {
  /** Which of those asked for. */
  place: number
  source: string
  modelId: string
  modelName: string
  type: string
  nsfwRank: number
  pageUrl: string | null
  covers: CoverRow[]
  gate: string
  versionId: string
  versionName: string
  family: string | null
  baseModel: string | null
  words: string[]
  fileId: string | null
  isPrimary: boolean | null
  sha256: string | null
  bytes: number | null
}

/** With what the catalogue shows of the model that it is. */
export type LibraryLora = FileRow & {
  placed: boolean
  nsfwRank: number | null
  pageUrl: string | null
  covers: CoverRow[] | null
}

const catalogued = `m.source, m.id as "modelId", m.name as "modelName", m.type, m.nsfw_rank as "nsfwRank",
  d.page_url as "pageUrl", d.covers, case when v.gate = 'open' then d.gate else v.gate end as gate,
  v.id as "versionId", v.name as "versionName", coalesce(v.family, m.family) as family,
  coalesce(v.base_model, m.base_model) as "baseModel", v.trained_words as words,
  f.id as "fileId", f.is_primary as "isPrimary", f.sha256, f.bytes::float8 as bytes`

const weights = `f.format in ('safetensors', 'gguf', 'pickle')`

export const withModels = (files: string): string => `
  select f.*, exists (select from placed_files p where p.file_id = f.id) as placed, m.nsfw_rank as "nsfwRank",
    d.page_url as "pageUrl", d.covers
  from (${files}) f left join models m on m.source = f."modelSource" and m.id = f."modelId"
  left join model_details d on d.model_key = m.key`

export type Versions = readonly { place: number; versionId: string; fileId: string | null }[]
export type RepoFiles = readonly { place: number; repo: string; revision: string | null; path: string }[]
export type Held = {
  ids: readonly string[]
  hashes: readonly string[]
  paths: readonly string[]
  /** Of CivitAI. */
  versionIds: readonly string[]
}

/** What the tables know of LoRAs that somebody names. */
export class KnownLorasRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async listVersions(versions: Versions): Promise<CataloguedLora[]> {
    if (versions.length === 0) return []
    const { rows } = await this.database.query<CataloguedLora>(
      `select w.place, ${catalogued}
       from jsonb_to_recordset($1::jsonb) as w(place int, "versionId" text, "fileId" text)
       join model_versions v on v.id = w."versionId"
       join models m on m.key = v.model_key and m.source = 'civitai'
       join model_details d on d.model_key = m.key
       left join lateral (
         select f.* from model_files f where f.version_key = v.key and (w."fileId" is null or f.id = w."fileId")
         order by f.is_primary desc, (${weights}) desc, f.position limit 1) f on true`,
      [JSON.stringify(versions)],
      { name: 'loras-versions' },
    )
    return rows
  }

  async listRepoFiles(files: RepoFiles): Promise<CataloguedLora[]> {
    if (files.length === 0) return []
    const { rows } = await this.database.query<CataloguedLora>(
      `select w.place, ${catalogued}
       from jsonb_to_recordset($1::jsonb) as w(place int, repo text, revision text, path text)
       join models m on m.source = 'huggingface' and m.id = w.repo
       join model_details d on d.model_key = m.key
       join lateral (
         select v.key from model_versions v join model_files f on f.version_key = v.key and f.id = w.path
         where v.model_key = m.key order by coalesce(v.id = w.revision, false) desc, v.position limit 1) k on true
       join model_versions v on v.key = k.key
       join model_files f on f.version_key = v.key and f.id = w.path`,
      [JSON.stringify(files)],
      { name: 'loras-repo-files' },
    )
    return rows
  }

  /** Of each model the newest version, of these families where it has one; in the order of the keys. */
  async listModels(keys: readonly string[], families: readonly string[]): Promise<CataloguedLora[]> {
    if (keys.length === 0) return []
    const { rows } = await this.database.query<CataloguedLora>(
      `select w.place::int as place, ${catalogued}
       from unnest($1::bigint[]) with ordinality as w(key, place)
       join models m on m.key = w.key join model_details d on d.model_key = m.key
       join lateral (
         select v.* from model_versions v where v.model_key = m.key and not v.withdrawn
           and exists (select from model_files f where f.version_key = v.key and ${weights})
         order by coalesce(v.family = any($2::text[]), false) desc, v.position limit 1) v on true
       join lateral (
         select f.* from model_files f where f.version_key = v.key and ${weights}
         order by f.is_primary desc, f.position limit 1) f on true
       order by w.place`,
      [keys, families],
      { name: 'loras-models' },
    )
    return rows
  }

  async listHeld({ ids, hashes, paths, versionIds }: Held): Promise<LibraryLora[]> {
    const { rows } = await this.database.query<LibraryLora>(
      withModels(`select ${fileColumns} from files
        where id = any($1::uuid[]) or sha256 = any($2::text[]) or path = any($3::text[])
          or (model_source = 'civitai' and version_id = any($4::text[]))`),
      [ids, hashes, paths, versionIds],
      { name: 'loras-held' },
    )
    return rows
  }
}
