import type {
  AddToCollection,
  CollectionEntryId,
  CollectionPage,
  CollectionView,
  CreateCollection,
  ListCollections,
  ListMissing,
  MissingLoras,
  NsfwLevel,
  UpdateCollection,
} from '@easel/contracts'
import { AppError, canRead, newId, notFound, requireWrite } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import { decodePosition, encodePosition } from '../library/position-cursor.ts'
import { rankOfLevel } from '../models/nsfw.ts'
import type { BaseImages } from './base-images.ts'
import { cleanText, keyOfLora } from './collection-entry.ts'
import { toCollectionSummary, toCollectionView } from './collection-view.ts'
import { requireRoom } from './collection-writer.ts'
import type { CollectionWriter } from './collection-writer.ts'
import type { CollectionRow, CollectionsRepository, Edit } from './collections.repository.ts'
import type { KnownLoras } from './known-loras.service.ts'
import { wishOfLora } from './lora-references.ts'

export type CollectionsParts = {
  rows: CollectionsRepository
  writer: CollectionWriter
  known: KnownLoras
  images: BaseImages
}

export const mostCollections = 1_000
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** LoRAs that the people of a space use together. */
export class CollectionsService {
  private readonly parts: CollectionsParts

  constructor(parts: CollectionsParts) {
    this.parts = parts
  }

  async create(input: CreateCollection, actor: Actor): Promise<CollectionView> {
    const spaceId = input.spaceId ?? actor.personalSpaceId
    requireWrite(actor, spaceId)
    const entries = await this.parts.writer.checked(input.entries ?? [], [], { actor, spaceId })
    requireRoom(entries)
    const row = await this.parts.writer.write('created', async (rows) => {
      const { name, description = null, prompt = null, tags = [], position = 0 } = wordsOf(input)
      return rows.insert(
        {
          id: newId(),
          spaceId,
          createdBy: actor.userId,
          name: name!,
          description,
          prompt,
          tags,
          position,
          entries,
        },
        mostCollections,
      )
    })
    if (!row) throw new AppError('exhausted', `A space may have ${mostCollections} collections`)
    return this.view(row, actor)
  }

  async list(input: ListCollections, actor: Actor): Promise<CollectionPage> {
    const { spaceId, cursor, limit = 50 } = input
    const after = cursor === undefined ? undefined : decodePosition(cursor, /^-?\d{1,6}$/, uuid)
    if (spaceId !== undefined && !canRead(actor, spaceId)) throw notFound('space', 'SPACE_NOT_FOUND')
    const rows = await this.parts.rows.list({
      spaceIds: spaceId === undefined ? Object.keys(actor.spaces) : [spaceId],
      q: input.q === undefined ? undefined : (cleanText(input.q) ?? ''),
      tag: input.tag === undefined ? undefined : (cleanText(input.tag) ?? ''),
      after: after && { position: Number(after[0]), id: after[1] },
      limit: limit + 1,
    })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    return {
      items: page.map(toCollectionSummary),
      nextCursor: last ? encodePosition(String(last.position), last.id) : null,
    }
  }

  async get(id: string, actor: Actor, maxNsfw?: NsfwLevel): Promise<CollectionView> {
    return this.view(await this.require(id, actor), actor, maxNsfw)
  }

  async update(input: UpdateCollection, actor: Actor): Promise<CollectionView> {
    const row = await this.require(input.id, actor)
    const { spaceId } = row
    requireWrite(actor, spaceId)
    // What is looked up for an edit that comes too late is looked up for nothing.
    if (row.revision !== input.revision) throw stale(row)
    const entries =
      input.entries && (await this.parts.writer.checked(input.entries, row.entries, { actor, spaceId }))
    if (entries) requireRoom(entries)
    const edit: Edit = { ...wordsOf(input), ...(entries && { entries }) }
    const changed = await this.parts.writer.write('updated', (rows) =>
      rows.edit({ id: row.id, revision: input.revision }, edit),
    )
    if (!changed) throw stale(await this.require(input.id, actor))
    return this.view(changed, actor)
  }

  async delete(id: string, actor: Actor): Promise<void> {
    const row = await this.require(id, actor)
    requireWrite(actor, row.spaceId)
    await this.parts.writer.write('deleted', (rows) => rows.delete(row.id))
  }

  /** Nobody's edit is overwritten by it, so that it needs no revision. */
  async add({ id, entries }: AddToCollection, actor: Actor): Promise<CollectionView> {
    const before = await this.require(id, actor)
    const { spaceId } = before
    requireWrite(actor, spaceId)
    const wanted = entries.map(({ id: _id, ...entry }) => entry)
    const added = await this.parts.writer.checked(wanted, [], { actor, spaceId })
    const changed = await this.parts.writer.write('updated', async (rows) => {
      const row = await rows.lock(id)
      const there = new Set(row?.entries.map(({ lora }) => keyOfLora(lora)))
      const fresh = added.filter(({ lora }) => !there.has(keyOfLora(lora)))
      if (!row || fresh.length === 0) return undefined
      requireRoom([...row.entries, ...fresh])
      return rows.edit(row, { entries: [...row.entries, ...fresh] })
    })
    return this.view(changed ?? (await this.require(id, actor)), actor)
  }

  async remove({ id, entryId }: CollectionEntryId, actor: Actor): Promise<CollectionView> {
    requireWrite(actor, (await this.require(id, actor)).spaceId)
    const changed = await this.parts.writer.write('updated', async (rows) => {
      const row = await rows.lock(id)
      if (!row?.entries.some((entry) => entry.id === entryId)) return undefined
      return rows.edit(row, { entries: row.entries.filter((entry) => entry.id !== entryId) })
    })
    if (!changed) throw notFound('LoRA in this collection', 'ENTRY_NOT_FOUND')
    return this.view(changed, actor)
  }

  async missing({ id, entries }: ListMissing, actor: Actor): Promise<MissingLoras> {
    const row = await this.require(id, actor)
    requireWrite(actor, row.spaceId)
    const unknown = entries?.find((wanted) => !row.entries.some((entry) => entry.id === wanted))
    if (unknown !== undefined) throw notFound('LoRA in this collection', 'ENTRY_NOT_FOUND')
    const facts = await this.describe(row, actor)
    const missing = row.entries.flatMap((entry, index) => {
      const { state, title } = facts[index]!
      const isWanted = entries === undefined || entries.includes(entry.id)
      // What is on its way is asked for, too: that joins it.
      return isWanted && state !== 'installed' ? [{ entry, title: entry.name ?? title }] : []
    })
    return {
      spaceId: row.spaceId,
      wishes: missing.flatMap(({ entry }) => wishOfLora(entry.lora) ?? []),
      unfetched: missing
        .filter(({ entry }) => wishOfLora(entry.lora) === undefined)
        .map(({ entry, title }) => ({
          entryId: entry.id,
          title,
          problem: 'Nobody knows where to get it: it was a file of the library, and its hash was not known',
        })),
    }
  }

  private async view(row: CollectionRow, actor: Actor, maxNsfw?: NsfwLevel): Promise<CollectionView> {
    const ids = row.entries.flatMap(({ baseImages }) => baseImages)
    const [facts, image] = await Promise.all([
      this.describe(row, actor, maxNsfw),
      this.parts.images.show(ids, { actor, spaceId: row.spaceId }),
    ])
    return toCollectionView(row, { facts, image })
  }

  private describe({ entries }: CollectionRow, actor: Actor, maxNsfw?: NsfwLevel) {
    const loras = entries.map(({ lora }) => lora)
    return this.parts.known.describe(loras, { actor, nsfwRank: rankOfLevel(maxNsfw) })
  }

  private async require(id: string, actor: Actor): Promise<CollectionRow> {
    const row = uuid.test(id) ? await this.parts.rows.find(id) : undefined
    if (!row || !canRead(actor, row.spaceId)) throw notFound('collection', 'COLLECTION_NOT_FOUND')
    return row
  }
}

/** What is said, as it is kept. */
export function wordsOf(input: Pick<UpdateCollection, 'name' | 'tags' | 'position'> & Texts): Edit {
  const { name, description, prompt, tags, position } = input
  return {
    ...(name !== undefined && { name: requireName(name) }),
    ...(description !== undefined && { description: cleanText(description) || null }),
    ...(prompt !== undefined && { prompt: cleanText(prompt) || null }),
    ...(tags !== undefined && { tags: [...new Set(tags.flatMap((tag) => cleanText(tag) || []))] }),
    ...(position !== undefined && { position }),
  }
}

type Texts = { description?: string | null; prompt?: string | null }

function requireName(text: string): string {
  const name = cleanText(text)
  if (name) return name
  throw new AppError('invalid', 'A collection needs a name', {
    faults: [{ path: 'name', message: 'must have letters' }],
  })
}

const stale = ({ revision }: CollectionRow) =>
  new AppError('conflict', 'The collection was changed in the meantime', {
    reason: 'STALE',
    details: { revision },
  })
