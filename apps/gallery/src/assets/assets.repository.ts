import { assetColumns, searchText } from './asset-row.ts'
import { pageStatement } from './asset-query.ts'
import type { Sql } from '../sql.ts'
import type { AssetPageQuery } from './asset-query.ts'
import type { AssetRow, NewAsset } from './asset-row.ts'

export type AssetDocument = { graph: string | null; metadata: string | null }
export type ModelCount = { model: string; count: number }
export type AssetTotals = { total: number; bytes: number }

export type AssetEdit = Pick<
  AssetRow,
  'tags' | 'notes' | 'rating' | 'favorite' | 'sessionId' | 'prompt' | 'filename'
>

const insertMedia = `
  insert into media (blob, bytes, mime, width, height, state)
  select blob, bytes, mime, width, height, thumbnail
  from jsonb_to_recordset($1::jsonb)
    as g(blob text, bytes bigint, mime text, width int, height int, thumbnail text)
  order by blob
  -- The update, even of nothing, waits for who is about to remove the content.
  on conflict (blob) do update set
    unused_since = null,
    state = case when media.state = 'none' then excluded.state else media.state end,
    due = case when media.state = 'none' then now() else media.due end,
    width = coalesce(media.width, excluded.width),
    height = coalesce(media.height, excluded.height)`

const insertAssets = `
  with given as materialized (
    select g.* from rows from (jsonb_to_recordset($1::jsonb) as (
      id uuid, "spaceId" uuid, "createdBy" uuid, blob text, kind text, origin text, filename text, text text,
      "jobId" uuid, "outputIndex" int, "workflowId" uuid, "sessionId" uuid, prompt text, "negativePrompt" text,
      models text[], loras text[], sampler text, scheduler text, seed text, steps int, cfg float8, tags text[],
      search text, graph text, metadata text
    )) with ordinality as g(
      id, "spaceId", "createdBy", blob, kind, origin, filename, text,
      "jobId", "outputIndex", "workflowId", "sessionId", prompt, "negativePrompt",
      models, loras, sampler, scheduler, seed, steps, cfg, tags, search, graph, metadata, place
    )
  ), fresh as (
    insert into asset (
      id, space_id, created_by, blob, kind, origin, filename, text, job_id, output_index, workflow_id, session_id,
      prompt, negative_prompt, models, loras, sampler, scheduler, seed, steps, cfg, tags, search
    )
    select id, "spaceId", "createdBy", blob, kind, origin, filename, text, "jobId", "outputIndex", "workflowId",
      (select s.id from session s where s.id = g."sessionId" and s.space_id = g."spaceId"),
      prompt, "negativePrompt", models, loras, sampler, scheduler, seed, steps, cfg, tags, search
    from given g
    where not exists (select from deleted_asset d where d.id = g.id)
    order by place
    on conflict (id) do nothing
    returning id
  ), documents as (
    insert into asset_document (asset_id, graph, metadata)
    select id, graph, metadata from given join fresh using (id)
    where graph is not null or metadata is not null
  )
  select id from fresh`

const byIds = `
  select ${assetColumns} from asset a join media m on m.blob = a.blob where a.id = any($1::uuid[]) order by a.seq`

/** `pg` throughout: importing and listing are what a gallery does most. */
export class AssetsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** In this order; gives those that were not there. Inside a transaction. */
  async insert(assets: readonly NewAsset[]): Promise<AssetRow[]> {
    const unique = [...new Map(assets.map((asset) => [asset.id, asset])).values()]
    const rows = unique.map((asset) => ({ ...asset, search: searchText({ ...asset, notes: null }) }))
    const media = [...new Map(rows.map((row) => [row.blob, row])).values()].map(mediaPart)
    await this.sql.query(insertMedia, [JSON.stringify(media)], { name: 'media-insert' })
    const { rows: fresh } = await this.sql.query<{ id: string }>(insertAssets, [JSON.stringify(rows)], {
      name: 'assets-insert',
    })
    return fresh.length === 0 ? [] : this.findMany(fresh.map(({ id }) => id))
  }

  async findMany(ids: readonly string[]): Promise<AssetRow[]> {
    const { rows } = await this.sql.query<AssetRow>(byIds, [ids], { name: 'assets-by-ids' })
    return rows
  }

  async find(id: string): Promise<AssetRow | undefined> {
    return (await this.findMany([id]))[0]
  }

  /** As `find`; nobody else changes or deletes it before the end of the transaction. */
  async lock(id: string): Promise<AssetRow | undefined> {
    const sql = `select ${assetColumns} from asset a join media m on m.blob = a.blob where a.id = $1 for update of a`
    const { rows } = await this.sql.query<AssetRow>(sql, [id], { name: 'asset-lock' })
    return rows[0]
  }

  /** Those with one of these contents; of each content so many at most. */
  async findOfBlobs(blobs: readonly string[], limit: number): Promise<AssetRow[]> {
    const sql = `
      select ${assetColumns}
      from unnest($1::text[]) as given(blob)
      cross join lateral (select * from asset where asset.blob = given.blob order by seq limit $2) a
      join media m on m.blob = a.blob
      order by a.seq`
    const { rows } = await this.sql.query<AssetRow>(sql, [blobs, limit], { name: 'assets-of-blobs' })
    return rows
  }

  async page(query: AssetPageQuery): Promise<AssetRow[]> {
    const { sql, values, name } = pageStatement(assetColumns, query)
    const { rows } = await this.sql.query<AssetRow>(sql, values, name === undefined ? {} : { name })
    return rows
  }

  async document(id: string): Promise<AssetDocument> {
    const { rows } = await this.sql.query<AssetDocument>(
      'select graph, metadata from asset_document where asset_id = $1',
      [id],
      { name: 'asset-document' },
    )
    return rows[0] ?? { graph: null, metadata: null }
  }

  async edit(id: string, edit: AssetEdit): Promise<void> {
    const { tags, notes, rating, favorite, sessionId } = edit
    await this.sql.query(
      `update asset set tags = $2, notes = $3, rating = $4, favorite = $5, session_id = $6, search = $7,
         updated_at = now()
       where id = $1`,
      [id, tags, notes, rating, favorite, sessionId, searchText(edit)],
      { name: 'asset-edit' },
    )
  }

  /** False when it is gone already. Its content is left to who removes what nothing refers to. */
  async delete(id: string): Promise<boolean> {
    const { rows } = await this.sql.query<{ blob: string; jobId: string | null }>(
      'delete from asset where id = $1 returning blob, job_id as "jobId"',
      [id],
      { name: 'asset-delete' },
    )
    const [gone] = rows
    if (!gone) return false
    if (gone.jobId) {
      await this.sql.query('insert into deleted_asset (id) values ($1) on conflict do nothing', [id])
    }
    // Whether something else has this content is asked when it is to be removed: who asks now may ask too early.
    await this.sql.query('update media set unused_since = now() where blob = $1', [gone.blob])
    return true
  }

  async totals(spaceIds: readonly string[]): Promise<AssetTotals> {
    const { rows } = await this.sql.query<{ total: string; bytes: string }>(
      `select count(*) as total, coalesce(sum(m.bytes), 0) as bytes
       from asset a join media m on m.blob = a.blob where a.space_id = any($1::uuid[])`,
      [spaceIds],
      { name: 'asset-totals' },
    )
    return { total: Number(rows[0]!.total), bytes: Number(rows[0]!.bytes) }
  }

  async modelCounts(spaceIds: readonly string[]): Promise<ModelCount[]> {
    const { rows } = await this.sql.query<{ model: string; count: string }>(
      `select model, count(*) as count from asset a, unnest(a.models) as model
       where a.space_id = any($1::uuid[]) group by model order by count(*) desc, model limit 500`,
      [spaceIds],
      { name: 'asset-model-counts' },
    )
    return rows.map(({ model, count }) => ({ model, count: Number(count) }))
  }
}

function mediaPart({ blob, bytes, mime, width, height, thumbnail }: NewAsset) {
  return { blob, bytes, mime, width, height, thumbnail }
}
