import type { Database } from '@easel/database'
import type { KeptLicence } from './licence-view.ts'
import type { ShownImage } from './card-view.ts'

export type ModelHead = {
  key: string
  source: string
  id: string
  nsfwRank: number
  syncedAt: Date | null
  /** It was told of less than the given age ago. */
  fresh: boolean
  description: string | null
  licence: KeptLicence
  approvalUrl: string | null
  pageUrl: string | null
}

export type VersionRow = {
  key: string
  id: string
  name: string
  withdrawn: boolean
  family: string | null
  baseModel: string | null
  description: string | null
  trainedWords: string[]
  gate: string
  gateUntil: Date | null
  publishedAt: Date | null
  downloads: number | null
}

export type FileRow = {
  versionKey: string
  id: string
  name: string
  role: string | null
  format: string
  precision: string | null
  quant: string | null
  bytes: number | null
  sha256: string | null
  autoV2: string | null
  autoV3: string | null
  isPrimary: boolean
  pickleScan: string | null
  virusScan: string | null
  libraryFileId: string | null
}

export type ImageRow = ShownImage & { versionKey: string }

export type HashHit = {
  modelKey: string
  versionKey: string
  fileId: string
  sha256: string | null
}

export class ModelsRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async findHead(source: string, id: string, maxAgeMs: number): Promise<ModelHead | undefined> {
    const { rows } = await this.database.query<ModelHead>(
      `select m.key, m.source, m.id, m.nsfw_rank as "nsfwRank", m.synced_at as "syncedAt",
         m.synced_at > now() - make_interval(secs => $3) is true as fresh,
         d.description, d.licence, d.approval_url as "approvalUrl", d.page_url as "pageUrl"
       from models m join model_details d on d.model_key = m.key where m.source = $1 and m.id = $2`,
      [source, id, maxAgeMs / 1_000],
      { name: 'models-head' },
    )
    return rows[0]
  }

  /** The newest first; what the source no longer tells of comes last. */
  async listVersions(modelKey: string): Promise<VersionRow[]> {
    const { rows } = await this.database.query<VersionRow>(
      `select ${versionColumns} from model_versions v where v.model_key = $1
       order by v.withdrawn, v.position, v.published_at desc nulls last, v.key desc`,
      [modelKey],
      { name: 'models-versions' },
    )
    return rows
  }

  async findVersion(key: string): Promise<VersionRow | undefined> {
    const { rows } = await this.database.query<VersionRow>(
      `select ${versionColumns} from model_versions v where v.key = $1`,
      [key],
      { name: 'models-version' },
    )
    return rows[0]
  }

  async listFiles(versionKeys: readonly string[]): Promise<FileRow[]> {
    const { rows } = await this.database.query<FileRow>(
      `select f.version_key as "versionKey", f.id, f.name, f.role, f.format, f.precision, f.quant,
         f.bytes::float8 as bytes, f.sha256, f.auto_v2 as "autoV2", f.auto_v3 as "autoV3", f.is_primary as "isPrimary",
         f.pickle_scan as "pickleScan", f.virus_scan as "virusScan",
         (select l.id from files l where l.sha256 = f.sha256 order by l.path limit 1) as "libraryFileId"
       from model_files f where f.version_key = any($1::bigint[]) order by f.version_key, f.position, f.id`,
      [versionKeys],
      { name: 'models-files' },
    )
    return rows
  }

  async listImages(versionKeys: readonly string[]): Promise<ImageRow[]> {
    const { rows } = await this.database.query<ImageRow>(
      `select i.version_key as "versionKey", i.kind, i.url, i.width, i.height, i.blurhash, i.nsfw_level, i.meta, i.raw_meta
       from model_images i where i.version_key = any($1::bigint[]) order by i.version_key, i.position, i.url`,
      [versionKeys],
      { name: 'models-images' },
    )
    return rows
  }

  /**
   * A short hash may be of several files: bytes that the library has with it come first, then the file that is
   * fetched unless another is chosen, then what is fetched most.
   */
  async findByHash(hash: string): Promise<HashHit | undefined> {
    const { rows } = await this.database.query<HashHit>(
      `select v.model_key as "modelKey", f.version_key as "versionKey", f.id as "fileId", f.sha256
       from model_files f join model_versions v on v.key = f.version_key join models m on m.key = v.model_key
       where (f.sha256 = $1 or f.auto_v2 = $1 or f.auto_v3 = $1) and m.source <> 'local'
       order by (f.sha256 = $1) desc nulls last,
         exists (select from files l where l.sha256 = f.sha256) desc, f.is_primary desc, m.source, m.downloads desc, v.key
       limit 1`,
      [hash],
      { name: 'models-by-hash' },
    )
    return rows[0]
  }

  async findFile({ source, modelId, versionId, fileId }: NamedFile): Promise<HashHit | undefined> {
    const { rows } = await this.database.query<HashHit>(
      `select v.model_key as "modelKey", f.version_key as "versionKey", f.id as "fileId", f.sha256
       from models m join model_versions v on v.model_key = m.key join model_files f on f.version_key = v.key
       where m.source = $1 and m.id = $2 and v.id = $3 and f.id = $4`,
      [source, modelId, versionId, fileId],
      { name: 'models-file' },
    )
    return rows[0]
  }
}

type NamedFile = { source: string; modelId: string; versionId: string; fileId: string }

const versionColumns = `
  v.key, v.id, v.name, v.withdrawn, v.family, v.base_model as "baseModel", v.description,
  v.trained_words as "trainedWords", v.gate, v.gate_until as "gateUntil", v.published_at as "publishedAt",
  v.downloads::float8 as downloads`
