import type { Database, SqlTransaction } from '@easel/database'
import type { Completeness, ModelRows } from './model-rows.ts'

type Sql = Pick<Database, 'query'> | Pick<SqlTransaction, 'query'>

/** Keys of what is new or changed, and how many models or versions are new. */
export type Written = { readonly keys: readonly string[]; readonly added: number }

type KnownModel = { key: string; source: string; id: string; digest: string }

/** Writes what sources told. Every statement takes a whole page; rows are taken in one order, so that two writers never wait for each other in a circle. */
export class CatalogueRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async write(all: readonly ModelRows[], completeness: Completeness): Promise<Written> {
    const pages = inOrder(all)
    const known = await this.findKnown(pages)
    const changed = pages.filter(({ model }) => known.get(keyOf(model))?.digest !== model.digest)
    if (completeness === 'whole') await this.markSynced(pages)
    if (changed.length === 0) return { keys: [], added: 0 }
    const keys = await this.writeModels(changed, { known, completeness })
    const versions = changed.flatMap(({ model, versions: own }) =>
      own.map((version) => ({ ...version, model_key: keys.get(keyOf(model))! })),
    )
    const { keys: versionKeys, added } = await this.writeVersions(versions, completeness)
    const below = versions.map((version) => ({
      version,
      version_key: versionKeys.get(`${version.model_key} ${version.id}`)!,
    }))
    await this.writeFiles(
      below.flatMap(({ version, version_key }) => version.files.map((file) => ({ ...file, version_key }))),
    )
    await this.writeImages(
      below.flatMap(({ version, version_key }) => version.images.map((image) => ({ ...image, version_key }))),
    )
    if (completeness !== 'version') await this.withdraw(changed, { keys, completeness })
    await this.writeWords([...new Set(changed.flatMap(({ spelling }) => spelling))].sort())
    const models = changed.filter(({ model }) => !known.has(keyOf(model))).length
    return { keys: changed.map(({ model }) => keys.get(keyOf(model))!), added: Math.max(models, added) }
  }

  private async findKnown(pages: readonly ModelRows[]): Promise<Map<string, KnownModel>> {
    const { rows } = await this.sql.query<KnownModel>(
      `select m.key, m.source, m.id, m.digest from unnest($1::text[], $2::text[]) as w(source, id)
       join models m on m.source = w.source and m.id = w.id`,
      [pages.map(({ model }) => model.source), pages.map(({ model }) => model.id)],
      { name: 'catalogue-known' },
    )
    return new Map(rows.map((row) => [keyOf(row), row]))
  }

  private async markSynced(pages: readonly ModelRows[]): Promise<void> {
    await this.sql.query(
      `update models m set synced_at = now() from unnest($1::text[], $2::text[]) as w(source, id)
       where m.source = w.source and m.id = w.id`,
      [pages.map(({ model }) => model.source), pages.map(({ model }) => model.id)],
      { name: 'catalogue-mark-synced' },
    )
  }

  private async writeModels(
    pages: readonly ModelRows[],
    { known, completeness }: { known: ReadonlyMap<string, KnownModel>; completeness: Completeness },
  ): Promise<Map<string, string>> {
    const keys = new Map<string, string>()
    // One version tells nearly nothing of its model: it may begin a model but not change one.
    const written = completeness === 'version' ? pages.filter(({ model }) => !known.has(keyOf(model))) : pages
    const { rows } = await this.sql.query<KnownModel>(insertModels, [
      JSON.stringify(
        written.map(({ model }) => model),
        withoutChildren,
      ),
      completeness === 'whole',
    ])
    for (const row of [...known.values(), ...rows]) keys.set(keyOf(row), row.key)
    const details = written.map(({ model }) => ({ ...model.detail, model_key: keys.get(keyOf(model)) }))
    await this.sql.query(
      completeness === 'whole' ? insertDetails('raw_whole') : insertDetails('raw_listed'),
      [JSON.stringify(details)],
    )
    return keys
  }

  private async writeVersions(
    versions: readonly { model_key: string; id: string }[],
    completeness: Completeness,
  ): Promise<{ keys: Map<string, string>; added: number }> {
    type Row = { key: string; model_key: string; id: string; added: boolean }
    const { rows } = await this.sql.query<Row>(insertVersions, [
      JSON.stringify(versions, withoutChildren),
      completeness === 'version',
    ])
    return {
      keys: new Map(rows.map((row) => [`${row.model_key} ${row.id}`, row.key])),
      added: rows.filter((row) => row.added).length,
    }
  }

  private async writeFiles(files: readonly object[]): Promise<void> {
    if (files.length > 0) await this.sql.query(insertFiles, [JSON.stringify(files)])
  }

  /** What a source no longer shows goes: it may have had to be taken down. */
  private async writeImages(images: readonly object[]): Promise<void> {
    if (images.length === 0) return
    await this.sql.query(insertImages, [JSON.stringify(images)])
    await this.sql.query(
      `with told as (select * from jsonb_to_recordset($1::jsonb) as r(version_key bigint, url text))
       delete from model_images i where i.version_key in (select version_key from told)
         and not exists (select from told t where t.version_key = i.version_key and t.url = i.url)`,
      [JSON.stringify(images, onlyPlace)],
    )
  }

  /** Versions and files that the source no longer tells of; a version stays known, for it may be installed. */
  private async withdraw(
    pages: readonly ModelRows[],
    { keys, completeness }: { keys: ReadonlyMap<string, string>; completeness: Completeness },
  ): Promise<void> {
    // A search of CivitAI leaves versions out; a repository has but the one that its branch points to.
    const told = pages.filter(
      ({ model, versions }) =>
        versions.length > 0 && (completeness === 'whole' || model.source === 'huggingface'),
    )
    if (told.length === 0) return
    await this.sql.query(
      `with told as (
         select r.model_key, array(select jsonb_array_elements_text(r.ids)) as ids
         from jsonb_to_recordset($1::jsonb) as r(model_key bigint, ids jsonb)
       )
       update model_versions v set withdrawn = not (v.id = any(t.ids)) from told t
       where v.model_key = t.model_key and v.withdrawn = (v.id = any(t.ids))`,
      [
        JSON.stringify(
          told.map(({ model, versions }) => ({
            model_key: keys.get(keyOf(model)),
            ids: versions.map(({ id }) => id),
          })),
        ),
      ],
    )
    if (completeness !== 'whole') return
    await this.sql.query(
      `with told as (
         select v.key, array(select jsonb_array_elements_text(r.files)) as files
         from jsonb_to_recordset($1::jsonb) as r(model_key bigint, id text, files jsonb)
         join model_versions v on v.model_key = r.model_key and v.id = r.id
       )
       delete from model_files f using told t where f.version_key = t.key and not (f.id = any(t.files))`,
      [
        JSON.stringify(
          told.flatMap(({ model, versions }) =>
            versions
              .filter(({ files }) => files.length > 0)
              .map(({ id, files }) => ({
                model_key: keys.get(keyOf(model)),
                id,
                files: files.map((file) => file.id),
              })),
          ),
        ),
      ],
    )
  }

  private async writeWords(words: readonly string[]): Promise<void> {
    await this.sql.query(
      'insert into model_words (word) select unnest($1::text[]) on conflict do nothing',
      [words],
      { name: 'catalogue-words' },
    )
  }
}

const keyOf = ({ source, id }: { source: string; id: string }) => `${source} ${id}`

function inOrder(all: readonly ModelRows[]): ModelRows[] {
  const byKey = new Map(all.map((rows) => [keyOf(rows.model), rows]))
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rows]) => rows)
}

const withoutChildren = (name: string, value: unknown) =>
  name === 'detail' || name === 'files' || name === 'images' ? undefined : value
const onlyPlace = (name: string, value: unknown) =>
  name === '' || /^\d+$/.test(name) || name === 'version_key' || name === 'url' ? value : undefined

const modelColumns = `name, name_key, type, family, base_model, creator, nsfw_rank, downloads, likes, published_at,
  updated_at, linked_source, digest`

const insertModels = `
  insert into models as m (source, id, ${modelColumns}, name_words, words, synced_at)
  select source, id, ${modelColumns}, name_words::tsvector, words::tsvector, case when $2::boolean then now() end
  from jsonb_to_recordset($1::jsonb) as r(source text, id text, name text, name_key text, type text, family text,
    base_model text, creator text, nsfw_rank smallint, downloads bigint, likes bigint, published_at timestamptz,
    updated_at timestamptz, linked_source text, digest text, name_words text, words text)
  on conflict (source, id) do update set
    name = excluded.name, name_key = excluded.name_key, type = excluded.type,
    family = coalesce(excluded.family, m.family), base_model = coalesce(excluded.base_model, m.base_model),
    creator = coalesce(excluded.creator, m.creator), nsfw_rank = excluded.nsfw_rank,
    downloads = excluded.downloads, likes = excluded.likes, published_at = excluded.published_at,
    updated_at = excluded.updated_at, linked_source = excluded.linked_source, digest = excluded.digest,
    name_words = excluded.name_words, words = excluded.words
  returning m.key, m.source, m.id, m.digest`

const detailColumns = `source_type, creator_image, description, licence, commercial_use, gate, gate_until, approval_url,
  page_url, mode, task, library, bytes, nsfw_level, covers`

const insertDetails = (raw: 'raw_listed' | 'raw_whole') => `
  insert into model_details as d (model_key, ${detailColumns}, tags, derived_from, ${raw})
  select model_key, ${detailColumns}, array(select jsonb_array_elements_text(tags)),
    array(select jsonb_array_elements_text(derived_from)), raw::jsonb
  from jsonb_to_recordset($1::jsonb) as r(model_key bigint, source_type text, creator_image text, tags jsonb,
    description text, licence jsonb, commercial_use boolean, gate text, gate_until timestamptz, approval_url text,
    page_url text, mode text, task text, library text, derived_from jsonb, bytes bigint, nsfw_level int, covers jsonb,
    raw text)
  on conflict (model_key) do update set
    source_type = excluded.source_type, creator_image = coalesce(excluded.creator_image, d.creator_image),
    tags = excluded.tags, description = coalesce(excluded.description, d.description),
    licence = excluded.licence, commercial_use = excluded.commercial_use, gate = excluded.gate,
    gate_until = excluded.gate_until, approval_url = excluded.approval_url, page_url = excluded.page_url,
    mode = excluded.mode, task = coalesce(excluded.task, d.task), library = coalesce(excluded.library, d.library),
    derived_from = excluded.derived_from, bytes = coalesce(excluded.bytes, d.bytes),
    nsfw_level = excluded.nsfw_level, covers = excluded.covers, ${raw} = coalesce(excluded.${raw}, d.${raw})`

const versionColumns = `model_key, id, name, position, base_model, family, description, published_at, air, download_url,
  downloads, nsfw_level, gate, gate_until, approval_url`

const insertVersions = `
  insert into model_versions as v (${versionColumns}, trained_words)
  select ${versionColumns}, array(select jsonb_array_elements_text(trained_words))
  from jsonb_to_recordset($1::jsonb) as r(model_key bigint, id text, name text, position int, base_model text,
    family text, description text, trained_words jsonb, published_at timestamptz, air text, download_url text,
    downloads bigint, nsfw_level int, gate text, gate_until timestamptz, approval_url text)
  on conflict (model_key, id) do update set
    name = excluded.name, position = case when $2::boolean then v.position else excluded.position end,
    base_model = coalesce(excluded.base_model, v.base_model), family = coalesce(excluded.family, v.family),
    description = coalesce(excluded.description, v.description), trained_words = excluded.trained_words,
    published_at = coalesce(excluded.published_at, v.published_at), air = coalesce(excluded.air, v.air),
    download_url = coalesce(excluded.download_url, v.download_url),
    downloads = coalesce(excluded.downloads, v.downloads), nsfw_level = excluded.nsfw_level, gate = excluded.gate,
    gate_until = excluded.gate_until, approval_url = excluded.approval_url
  returning v.key, v.model_key, v.id, v.xmax = 0 as added`

const fileColumns = `version_key, id, position, name, role, format, precision, quant, size, bytes, bytes_exact, sha256,
  auto_v1, auto_v2, auto_v3, crc32, blake3, pickle_scan, virus_scan, scan_text, scanned_at, is_primary, download_url`

/** A list may tell less of a file than was known: no hash is lost by it. */
const insertFiles = `
  insert into model_files as f (${fileColumns})
  select ${fileColumns}
  from jsonb_to_recordset($1::jsonb) as r(version_key bigint, id text, position int, name text, role text, format text,
    precision text, quant text, size text, bytes bigint, bytes_exact boolean, sha256 text, auto_v1 text, auto_v2 text,
    auto_v3 text, crc32 text, blake3 text, pickle_scan text, virus_scan text, scan_text text, scanned_at timestamptz,
    is_primary boolean, download_url text)
  on conflict (version_key, id) do update set
    position = excluded.position, name = excluded.name, role = excluded.role, format = excluded.format,
    precision = coalesce(excluded.precision, f.precision), quant = coalesce(excluded.quant, f.quant),
    size = coalesce(excluded.size, f.size), bytes = coalesce(excluded.bytes, f.bytes),
    bytes_exact = case when excluded.bytes is null then f.bytes_exact else excluded.bytes_exact end,
    sha256 = coalesce(excluded.sha256, f.sha256), auto_v1 = coalesce(excluded.auto_v1, f.auto_v1),
    auto_v2 = coalesce(excluded.auto_v2, f.auto_v2), auto_v3 = coalesce(excluded.auto_v3, f.auto_v3),
    crc32 = coalesce(excluded.crc32, f.crc32), blake3 = coalesce(excluded.blake3, f.blake3),
    pickle_scan = coalesce(excluded.pickle_scan, f.pickle_scan),
    virus_scan = coalesce(excluded.virus_scan, f.virus_scan),
    scan_text = coalesce(excluded.scan_text, f.scan_text), scanned_at = coalesce(excluded.scanned_at, f.scanned_at),
    is_primary = excluded.is_primary, download_url = excluded.download_url`

const insertImages = `
  insert into model_images as i
    (version_key, position, id, url, kind, width, height, blurhash, nsfw_level, meta, raw_meta)
  select version_key, position, id, url, kind, width, height, blurhash, nsfw_level,
    nullif(meta, 'null'::jsonb), raw_meta::jsonb
  from jsonb_to_recordset($1::jsonb) as r(version_key bigint, position int, id text, url text, kind text, width int,
    height int, blurhash text, nsfw_level int, meta jsonb, raw_meta text)
  on conflict (version_key, url) do update set
    position = excluded.position, id = coalesce(excluded.id, i.id), kind = excluded.kind,
    width = coalesce(excluded.width, i.width), height = coalesce(excluded.height, i.height),
    blurhash = coalesce(excluded.blurhash, i.blurhash), nsfw_level = excluded.nsfw_level,
    meta = coalesce(excluded.meta, i.meta), raw_meta = coalesce(excluded.raw_meta, i.raw_meta)`
