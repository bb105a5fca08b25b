import type { Sql } from '../scan/scan.repository.ts'
import type { FileRow } from './file-view.ts'
import { fileColumns } from './library.repository.ts'

export type UnlinkedFile = {
  id: string
  name: string
  sha256: string
  autoV2: string | null
  autoV3: string | null
}

export type Link = {
  id: string
  sha256: string
  source: string
  modelId: string
  versionId: string
  title: string | null
  baseModel: string | null
  family: string | null
  words: string[]
}

export type HandLink = { source: string; modelId: string; versionId: string | null }

const columns = fileColumns.replaceAll(/(^|,)(\s+)([a-z])/g, '$1$2files.$3')
const askAgainDays = 7
const dueDays = 7

export class LinkRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Files whose model is not known by their hash, in the order of their ids. */
  async listUnlinked({ after, limit, unaskedOnly }: Unlinked): Promise<UnlinkedFile[]> {
    const { rows } = await this.sql.query<UnlinkedFile>(
      `select id, name, sha256, auto_v2 as "autoV2", auto_v3 as "autoV3" from files
       where state = 'ready' and sha256 is not null and (link_from is null or link_from = 'sidecar')
         and ($1::uuid is null or id > $1)
         and (not $3 or asked_at is null or asked_at < now() - $4 * interval '1 day')
       order by id limit $2`,
      [after ?? null, limit, unaskedOnly, askAgainDays],
      { name: 'links-unlinked' },
    )
    return rows
  }

  /** Gives the rows that were linked: not those that have other bytes by now, or a link of a person. */
  async link(links: readonly Link[]): Promise<FileRow[]> {
    const { rows } = await this.sql.query<FileRow>(
      `update files set model_source = l.source, model_id = l."modelId", version_id = l."versionId",
         linked_at = now(), link_from = 'hash', asked_at = now(), title = coalesce(l.title, files.title),
         base_model = coalesce(l."baseModel", files.base_model), family = coalesce(l.family, files.family),
         trigger_words = case when l.words = '{}' then files.trigger_words else l.words end,
         words_from = case when l.words = '{}' then files.words_from else 'catalogue' end
       from jsonb_to_recordset($1::jsonb) as l(id uuid, sha256 text, source text, "modelId" text,
         "versionId" text, title text, "baseModel" text, family text, words text[])
       where files.id = l.id and files.sha256 = l.sha256
         and (files.link_from is null or files.link_from = 'sidecar')
       returning ${columns}`,
      [JSON.stringify(links)],
      { name: 'links-link' },
    )
    return rows
  }

  /** By hand; null is "none of the models", and what hashes say is not believed either. */
  async linkByHand(id: string, link: HandLink | null): Promise<FileRow[]> {
    const { rows } = await this.sql.query<FileRow>(
      `update files set model_source = $2, model_id = $3, version_id = $4, linked_at = $5,
         link_from = $6, besides = 'again',
         words_from = case when words_from = 'catalogue' then 'none' else words_from end
       where id = $1 returning ${columns}`,
      [
        id,
        link?.source ?? null,
        link?.modelId ?? null,
        link?.versionId ?? null,
        link ? new Date() : null,
        link ? 'hand' : 'none',
      ],
      { name: 'links-hand' },
    )
    return rows
  }

  async markAsked(ids: readonly string[]): Promise<void> {
    await this.sql.query('update files set asked_at = now() where id = any($1::uuid[])', [ids], {
      name: 'links-asked',
    })
  }

  /** Once the file is linked, what is known of it is to be written beside it. */
  async addDue(fileId: string): Promise<void> {
    await this.sql.query('insert into sidecars_due (file_id) values ($1) on conflict do nothing', [fileId])
  }

  /** Downloaded files whose model is known now; what nobody knows after a week stays as it is. Failures come last. */
  async listDue(): Promise<FileRow[]> {
    await this.sql.query(
      `delete from sidecars_due d
       where created_at < now() - $1 * interval '1 day' and failures = 0
         or failures > 0 and not exists (select from files where files.id = d.file_id)`,
      [dueDays],
    )
    const { rows } = await this.sql.query<FileRow>(
      `select ${columns} from files join sidecars_due on sidecars_due.file_id = files.id
       where files.model_id is not null and files.state = 'ready'
       order by sidecars_due.failures, sidecars_due.created_at limit 500`,
      [],
    )
    return rows
  }

  /** What was written, or needs no writing, is done; what failed is due from now on. */
  async settleDue(outcomes: readonly { id: string; outcome: string }[]): Promise<void> {
    const failed = outcomes.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id)
    const done = outcomes.filter(({ outcome }) => outcome !== 'failed').map(({ id }) => id)
    await this.sql.query('delete from sidecars_due where file_id = any($1::uuid[])', [done])
    if (failed.length === 0) return
    await this.sql.query(
      `insert into sidecars_due (file_id, failures) select unnest($1::uuid[]), 1
       on conflict (file_id) do update set failures = sidecars_due.failures + 1`,
      [failed],
    )
  }

  /** Linked files, in the order of their ids. */
  async listLinked(after: string | undefined, limit: number): Promise<FileRow[]> {
    const { rows } = await this.sql.query<FileRow>(
      `select ${columns} from files where model_id is not null and state = 'ready'
         and ($1::uuid is null or id > $1) order by id limit $2`,
      [after ?? null, limit],
    )
    return rows
  }

  async listByIds(ids: readonly string[]): Promise<FileRow[]> {
    const { rows } = await this.sql.query<FileRow>(
      `select ${columns} from files where id = any($1::uuid[])`,
      [ids],
    )
    return rows
  }
}

type Unlinked = { after: string | undefined; limit: number; unaskedOnly: boolean }
