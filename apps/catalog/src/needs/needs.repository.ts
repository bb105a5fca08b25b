import type { Database } from '@easel/database'

export type HeldFile = {
  id: string
  path: string
  folder: string
  name: string
  bytes: number
  sha256: string | null
}

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
}
