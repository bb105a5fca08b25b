import type { ModelSourceId } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { HashLookup, HashMatch } from './linking.ts'

type Row = Omit<HashMatch, 'source'> & {
  source: string
  sha256: string | null
  autoV2: string | null
  autoV3: string | null
}

/** What the catalogue's own tables know. */
export class CatalogueLookup implements HashLookup {
  readonly remote = false
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async find(hashes: readonly string[]): Promise<ReadonlyMap<string, HashMatch>> {
    const of = (length: number) => hashes.filter((hash) => hash.length === length)
    const { rows } = await this.database.query<Row>(
      `select m.source, m.id as "modelId", v.id as "versionId", m.name as "modelName",
         v.name as "versionName", v.base_model as "baseModel", v.trained_words as "trainedWords",
         f.sha256, f.auto_v2 as "autoV2", f.auto_v3 as "autoV3"
       from model_files f join model_versions v on v.key = f.version_key join models m on m.key = v.model_key
       where (f.sha256 = any($1::text[]) or f.auto_v3 = any($2::text[]) or f.auto_v2 = any($3::text[]))
         and m.source <> 'local'
       order by m.source, v.key desc`,
      [of(64), of(12), of(10)],
      { name: 'lookup-hashes' },
    )
    const matches = new Map<string, HashMatch>()
    // CivitAI comes first, and the first of several counts: there a file has its own words.
    for (const { source, sha256, autoV2, autoV3, ...match } of rows) {
      for (const hash of [sha256, autoV2, autoV3]) {
        const key = hash?.toLowerCase()
        if (key && !matches.has(key)) matches.set(key, { ...match, source: source as ModelSourceId })
      }
    }
    return matches
  }

  async findVersion(source: string, versionId: string): Promise<readonly string[] | undefined> {
    const { rows } = await this.database.query<{ words: string[] }>(
      `select v.trained_words as words from model_versions v join models m on m.key = v.model_key
       where m.source = $1 and v.id = $2 limit 1`,
      [source, versionId],
      { name: 'lookup-version' },
    )
    return rows[0]?.words
  }
}
