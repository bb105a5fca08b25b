import type { Database } from '@easel/database'
import type { KeptLicence } from '../models/licence-view.ts'
import type { Gate, SourceFile, SourceId, SourceModel } from '../sources/source-model.ts'

export type HeldFile = {
  id: string
  path: string
  folder: string
  name: string
  bytes: number
  sha256: string | null
}

export type Near = { sha256: readonly string[]; names: readonly string[] }

export type CataloguedFile = {
  source: SourceId
  modelId: string
  modelName: string
  type: SourceModel['type']
  versionId: string
  versionName: string
  fileId: string
  name: string
  role: string | null
  format: SourceFile['format']
  bytes: number | null
  bytesExact: boolean
  sha256: string | null
  downloadUrl: string
  gate: Gate['kind']
  approvalUrl: string | null
  licence: KeptLicence
}

const mostNear = 20_000
const mostCatalogued = 500

const columns = 'id, path, folder, name, bytes::float8 as bytes, sha256'

/** What is here of what somebody needs. */
export class NeedsRepository {
  constructor(private readonly database: Database) {}

  /** By SHA-256, AutoV2 or AutoV3. */
  async findByHash(hash: string): Promise<HeldFile | undefined> {
    const { rows } = await this.database.query<HeldFile>(
      `select ${columns} from files where sha256 = $1 or auto_v2 = $2 or auto_v3 = $2 order by path limit 1`,
      [hash.toLowerCase(), hash.toUpperCase()],
      { name: 'needs-by-hash' },
    )
    return rows[0]
  }

  /** The first path of each content. */
  async listByHash(sha256: readonly string[]): Promise<HeldFile[]> {
    if (sha256.length === 0) return []
    const { rows } = await this.database.query<HeldFile>(
      `select distinct on (sha256) ${columns} from files where sha256 = any($1) order by sha256, path`,
      [sha256],
      { name: 'needs-by-hashes' },
    )
    return rows
  }

  async listByPath(paths: readonly string[]): Promise<HeldFile[]> {
    if (paths.length === 0) return []
    const { rows } = await this.database.query<HeldFile>(
      `select ${columns} from files where path = any($1)`,
      [paths],
      { name: 'needs-by-path' },
    )
    return rows
  }

  /** With one of these hashes or names (in lower case, without folder and ending). */
  async listNear({ sha256, names }: Near): Promise<HeldFile[]> {
    const { rows } = await this.database.query<HeldFile>(
      `select ${columns} from files where sha256 = any($1) or lower(name) = any($2) order by path limit $3`,
      [sha256, names, mostNear],
      { name: 'needs-near' },
    )
    return rows
  }

  /** All that lies in these folders; in one text, and as they come: reading rows and sorting take longer than finding. */
  async listPaths(folders: readonly string[]): Promise<string[]> {
    if (folders.length === 0) return []
    const { rows } = await this.database.query<{ paths: string | null }>(
      `select string_agg(path, E'\n') as paths from (
         select path from files where folder = any($1) limit $2) f`,
      [folders, mostNear],
      { name: 'needs-paths' },
    )
    return rows[0]?.paths?.split('\n') ?? []
  }

  /** Files of the stored catalogue with one of these names, in lower case; the most downloaded models first. */
  async listCatalogued(names: readonly string[]): Promise<CataloguedFile[]> {
    if (names.length === 0) return []
    const { rows } = await this.database.query<CataloguedFile>(
      `select m.source, m.id as "modelId", m.name as "modelName", m.type, v.id as "versionId",
         v.name as "versionName", f.id as "fileId", f.name, f.role, f.format, f.bytes::float8 as bytes,
         f.bytes_exact as "bytesExact", f.sha256, f.download_url as "downloadUrl",
         case when v.gate = 'open' then d.gate else v.gate end as gate,
         case when v.gate = 'open' then d.approval_url else v.approval_url end as "approvalUrl", d.licence
       from model_files f
       join model_versions v on v.key = f.version_key and not v.withdrawn
       join models m on m.key = v.model_key and m.source in ('civitai', 'huggingface')
       join model_details d on d.model_key = m.key and d.mode is null
       where lower(left(f.name, 200)) = any($1)
       order by m.downloads desc, m.key, v.position limit $2`,
      [names, mostCatalogued],
      { name: 'needs-catalogued' },
    )
    return rows
  }
}
