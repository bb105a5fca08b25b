import { assetChanged } from '@easel/contracts'
import { AppError, canRead, newId, notFound, parseJson, requireWrite } from '@easel/protocol'
import type { BlobStore } from '@easel/blobs'
import type {
  AssetContent,
  AssetDetail,
  AssetPage,
  AssetStats,
  AssetView,
  CreateAsset,
  GraphJson,
  ListAssets,
  ResolvedAsset,
  UpdateAsset,
  OutputKind,
} from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Actor } from '@easel/protocol'
import { requireSession } from '../sessions/session-access.ts'
import { storable } from './asset-row.ts'
import { cursorParts } from './asset-query.ts'
import { toAssetView } from './asset-view.ts'
import { AssetsRepository } from './assets.repository.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { readFile, readWorkflow } from './file-facts.ts'
import { isUuid, readableSpaces } from './reach.ts'
import type { AssetRow } from './asset-row.ts'

export type AssetsParts = {
  database: Database
  blobs: BlobStore
  /** A new content waits for its thumbnails. */
  added: () => void
}

const defaultLimit = 50

export class AssetsService {
  private readonly parts: AssetsParts
  private readonly assets: AssetsRepository

  constructor(parts: AssetsParts) {
    this.parts = parts
    this.assets = new AssetsRepository(parts.database)
  }

  async create(input: CreateAsset, actor: Actor): Promise<AssetView> {
    const spaceId = input.spaceId ?? actor.personalSpaceId
    requireWrite(actor, spaceId)
    const { blobs, database, added } = this.parts
    const stat = await blobs.stat(input.blob)
    if (!stat) throw refused()
    const filename = storable(input.filename)
    const file = await readFile(blobs, { blob: input.blob, bytes: stat.bytes, filename })
    const id = newId()
    const asset = {
      ...file,
      id,
      spaceId,
      createdBy: actor.userId,
      blob: input.blob,
      bytes: stat.bytes,
      origin: 'upload',
      filename,
      jobId: null,
      outputIndex: null,
      workflowId: null,
      sessionId: input.sessionId ?? null,
      tags: normalTags(input.tags ?? []),
    }
    const [row] = await database.transact(async (tx) => {
      if (input.sessionId) await requireSession(tx, { id: input.sessionId, spaceId })
      const rows = await new AssetsRepository(tx).insert([asset])
      // From here on nobody can remove them; until here somebody could.
      if (!(await blobs.stat(input.blob))) throw refused()
      await tx.outbox.add(assetChanged, { event: 'asset.created', asset: toAssetView(rows[0]!) })
      return rows
    })
    added()
    return toAssetView(row!)
  }

  async list(input: ListAssets, actor: Actor): Promise<AssetPage> {
    const { limit = defaultLimit, cursor, sort = 'newest', spaceId, tag, ...rest } = input
    const after = cursor === undefined ? undefined : decodeCursor(cursor, cursorParts(sort))
    const spaceIds = readableSpaces(actor, spaceId)
    const filter = { ...rest, spaceIds, ...(tag !== undefined && { tag: normalTags([tag])[0] ?? '' }) }
    const rows = await this.assets.page({
      filter,
      order: sort,
      after,
      limit: limit + 1,
    })
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    const place = last && (sort === 'rating' ? [String(last.rating), last.seq] : [last.seq])
    return { items: items.map(toAssetView), nextCursor: place ? encodeCursor(place) : null }
  }

  async get(id: string, actor: Actor): Promise<AssetDetail> {
    const row = await this.require(id, actor)
    const { graph, metadata } = await this.assets.document(id)
    const file = await readWorkflow(this.parts.blobs, row)
    const known = { ...(metadata === null ? {} : (parseJson(metadata) as object)), ...file.metadata }
    return {
      ...toAssetView(row),
      graph: graph === null ? null : (parseJson(graph) as GraphJson),
      workflow: file.workflow ?? null,
      metadata: Object.keys(known).length > 0 ? known : null,
    }
  }

  async content(id: string, actor: Actor): Promise<AssetContent> {
    return toContent(await this.require(id, actor))
  }

  async update(input: UpdateAsset, actor: Actor): Promise<AssetView> {
    return this.parts.database.transact(async (tx) => {
      const assets = new AssetsRepository(tx)
      const row = requireReadable(await assets.lock(input.id), actor)
      requireWrite(actor, row.spaceId)
      if (input.sessionId) await requireSession(tx, { id: input.sessionId, spaceId: row.spaceId })
      await assets.edit(row.id, edited(row, input))
      const view = toAssetView((await assets.find(row.id))!)
      await tx.outbox.add(assetChanged, { event: 'asset.updated', asset: view })
      return view
    })
  }

  async delete(id: string, actor: Actor): Promise<void> {
    await this.parts.database.transact(async (tx) => {
      const assets = new AssetsRepository(tx)
      const row = requireReadable(isUuid(id) ? await assets.lock(id) : undefined, actor)
      requireWrite(actor, row.spaceId)
      await assets.delete(id)
      await tx.outbox.add(assetChanged, { event: 'asset.deleted', asset: toAssetView(row) })
    })
  }

  async resolve(ids: readonly string[], actor: Actor): Promise<ResolvedAsset[]> {
    const rows = new Map((await this.assets.findMany(ids)).map((row) => [row.id, row]))
    return ids.map((id) => toResolved(requireReadable(rows.get(id), actor)))
  }

  async findReadable(ids: readonly string[], actor: Actor): Promise<ResolvedAsset[]> {
    const rows = await this.assets.findMany(ids)
    return rows.filter(({ spaceId }) => canRead(actor, spaceId)).map(toResolved)
  }

  async stats(spaceId: string | undefined, actor: Actor): Promise<AssetStats> {
    const spaceIds = readableSpaces(actor, spaceId)
    const [totals, models] = await Promise.all([
      this.assets.totals(spaceIds),
      this.assets.modelCounts(spaceIds),
    ])
    return { ...totals, models }
  }

  /** Throws `not_found` for what is not there and for what is not the actor's to see. */
  async require(id: string, actor: Actor): Promise<AssetRow> {
    return requireReadable(isUuid(id) ? await this.assets.find(id) : undefined, actor)
  }
}

const refused = () => new AppError('invalid', 'These bytes were not uploaded', { reason: 'ASSET_REFUSED' })

function requireReadable(row: AssetRow | undefined, actor: Actor): AssetRow {
  if (!row || !canRead(actor, row.spaceId)) throw notFound('asset', 'ASSET_NOT_FOUND')
  return row
}

function toResolved(row: AssetRow): ResolvedAsset {
  return { ...toContent(row), id: row.id, spaceId: row.spaceId, kind: row.kind as OutputKind }
}

function toContent({ blob, mime, bytes, filename }: AssetRow): AssetContent {
  return { blob, mime, bytes: Number(bytes), filename }
}

function edited(row: AssetRow, input: UpdateAsset) {
  return {
    ...row,
    tags: input.tags ? normalTags(input.tags) : row.tags,
    notes: input.notes === undefined ? row.notes : storable(input.notes).trim() || null,
    rating: input.rating ?? row.rating,
    favorite: input.favorite ?? row.favorite,
    sessionId: input.sessionId === undefined ? row.sessionId : input.sessionId,
  }
}

/** Lower case, single blanks, each once: what looks the same is the same. */
export function normalTags(tags: readonly string[]): string[] {
  const normal = tags.map((tag) =>
    storable(tag).normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLowerCase(),
  )
  return [...new Set(normal.filter(Boolean))]
}
