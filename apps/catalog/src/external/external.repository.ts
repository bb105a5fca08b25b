import type { Database } from '@easel/database'

export type ExternalRow = {
  id: string
  path: string
  name: string
  fileName: string
  base: string | null
  type: string | null
  source: string | null
  sourceUrl: string | null
  state: string
  bytes: number | string
  fingerprint: string | null
  sha256: string | null
}

export type ExternalCounts = { models: number; hashed: number; skipped: number }

const columns = `id, path, name, file_name as "fileName", base, type, source, source_url as "sourceUrl", state,
  bytes, fingerprint, sha256`

const record = `id text, path text, name text, "fileName" text, base text, type text, source text,
  "sourceUrl" text, state text, bytes bigint, fingerprint text, sha256 text`

export class ExternalRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async list(): Promise<ExternalRow[]> {
    const { rows } = await this.database.query<ExternalRow>(`select ${columns} from external_files`)
    return rows
  }

  /** All in one statement. */
  async put(rows: readonly ExternalRow[]): Promise<void> {
    if (rows.length === 0) return
    await this.database.query(
      `insert into external_files (id, path, name, file_name, base, type, source, source_url, state, bytes,
         fingerprint, sha256)
       select id, path, name, "fileName", base, type, source, "sourceUrl", state, bytes, fingerprint, sha256
       from jsonb_to_recordset($1::jsonb) as f(${record})
       on conflict (id) do update set path = excluded.path, name = excluded.name,
         file_name = excluded.file_name, base = excluded.base, type = excluded.type,
         source = excluded.source, source_url = excluded.source_url, state = excluded.state,
         bytes = excluded.bytes, fingerprint = excluded.fingerprint, sha256 = excluded.sha256`,
      [JSON.stringify(rows)],
    )
  }

  /** Unless the file has changed meanwhile. */
  async settle(
    rows: readonly { id: string; fingerprint: string; state: string; sha256: string | null }[],
  ): Promise<void> {
    await this.database.query(
      `update external_files set state = f.state, sha256 = f.sha256
       from jsonb_to_recordset($1::jsonb) as f(id text, fingerprint text, state text, sha256 text)
       where external_files.id = f.id and external_files.fingerprint = f.fingerprint`,
      [JSON.stringify(rows)],
    )
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.database.query('delete from external_files where id = any($1::text[])', [ids])
  }

  async findByHash(sha256: string): Promise<ExternalRow[]> {
    return await this.find('sha256 = $1', sha256.toLowerCase())
  }

  async findByUrl(url: string): Promise<ExternalRow[]> {
    return await this.find('source = $1 or source_url = $1', url)
  }

  /** By the name of the file, else by that of the model. */
  async findByName(name: string): Promise<ExternalRow[]> {
    return await this.find('lower(file_name) = lower($1) or lower(name) = lower($1)', name)
  }

  async count(): Promise<ExternalCounts> {
    const { rows } = await this.database.query<ExternalCounts>(
      `select count(*)::int as models, count(sha256)::int as hashed,
         count(*) filter (where state not in ('ready', 'waiting'))::int as skipped from external_files`,
    )
    return rows[0]!
  }

  private async find(condition: string, value: string): Promise<ExternalRow[]> {
    const { rows } = await this.database.query<ExternalRow>(
      `select ${columns} from external_files where (${condition}) and state in ('ready', 'waiting')
       order by (state = 'ready') desc, id limit 20`,
      [value],
    )
    return rows
  }
}
