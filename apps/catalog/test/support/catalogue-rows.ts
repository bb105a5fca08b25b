import { openDatabase } from '@easel/database'
import type { CatalogHouse } from './start-catalog.ts'

export type KnownVersion = {
  modelId: string
  versionId: string
  name: string
  baseModel: string
  words: readonly string[]
  sha256?: string
  autoV2?: string
  autoV3?: string
}

/** A version of a model of CivitAI, as the catalogue keeps it. */
export async function putVersion(house: CatalogHouse, version: KnownVersion): Promise<void> {
  await using database = openDatabase({ url: house.databaseUrl, schema: 'catalog', poolSize: 1 })
  await database.query(
    `with model as (
       insert into models (source, id, name, name_key, type, nsfw_rank, downloads, likes, published_at,
         updated_at, digest, name_words, words)
       values ('civitai', $1, $2, lower($2), 'lora', 0, 0, 0, now(), now(), '', '', '') returning key),
     version as (
       insert into model_versions (model_key, id, name, position, withdrawn, base_model, trained_words,
         nsfw_level, gate)
       select key, $3, 'v1', 0, false, $4, $5, 1, 'open' from model returning key)
     insert into model_files (version_key, id, position, name, format, bytes_exact, sha256, auto_v2, auto_v3,
       is_primary, download_url)
     select key, '1', 0, 'file', 'safetensors', true, $6, $7, $8, true, 'https://host/file' from version`,
    [
      version.modelId,
      version.name,
      version.versionId,
      version.baseModel,
      version.words,
      version.sha256 ?? null,
      version.autoV2 ?? null,
      version.autoV3 ?? null,
    ],
  )
}
