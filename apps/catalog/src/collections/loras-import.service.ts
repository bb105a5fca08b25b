import type {
  ExportCollections,
  ExportedCollections,
  ImportCollections,
  ImportedCollection,
  ImportedCollections,
  LoraReference,
} from '@easel/contracts'
import { AppError, canRead, newId, notFound, requireWrite } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import { cleanText, keyOfLora, toStoredEntry } from './collection-entry.ts'
import type { StoredEntry } from './collection-entry.ts'
import { requireRoom } from './collection-writer.ts'
import type { Place } from './collection-writer.ts'
import type { CollectionRow, CollectionsRepository } from './collections.repository.ts'
import { mostCollections, wordsOf } from './collections.service.ts'
import type { CollectionsParts } from './collections.service.ts'
import { toLorasFile } from './loras-export.ts'
import { parseLorasFile } from './loras-file.ts'
import type { FiledCollection, FiledLora, Remark } from './loras-file.ts'
import type { LoraReferences } from './lora-references.ts'

export type LorasImportParts = CollectionsParts & { references: LoraReferences }

type Prepared = { filed: FiledCollection; loras: { lora: LoraReference; words: FiledLora }[] }

/** Collections as one text: replicate-runner's `loras.yaml`. */
export class LorasImportService {
  private readonly parts: LorasImportParts

  constructor(parts: LorasImportParts) {
    this.parts = parts
  }

  /** A collection of the same name is what the text says afterwards; done twice it changes nothing more. */
  async import(
    { text, dryRun = false, ...input }: ImportCollections,
    actor: Actor,
  ): Promise<ImportedCollections> {
    const place: Place = { actor, spaceId: input.spaceId ?? actor.personalSpaceId }
    requireWrite(actor, place.spaceId)
    const { collections, remarks } = parseLorasFile(text)
    const images = await this.parts.images.find(
      collections.flatMap(({ loras }) => loras.flatMap(({ baseImages = [] }) => baseImages)),
      place,
    )
    const imported: ImportedCollection[] = []
    for (const filed of collections) {
      const prepared = await this.prepare(filed, images, remarks)
      imported.push(dryRun ? await this.foresee(prepared, place) : await this.keep(prepared, place))
    }
    return { collections: imported, remarks }
  }

  async export({ ids, ...input }: ExportCollections, actor: Actor): Promise<ExportedCollections> {
    const spaceId = input.spaceId ?? actor.personalSpaceId
    if (!canRead(actor, spaceId)) throw notFound('space', 'SPACE_NOT_FOUND')
    const rows = await this.parts.rows.listWhole(spaceId, ids, mostCollections)
    if (ids && rows.length < new Set(ids).size) throw notFound('collection', 'COLLECTION_NOT_FOUND')
    const titled = await Promise.all(
      rows.map(async (row) => {
        const loras = row.entries.map(({ lora }) => lora)
        const facts = await this.parts.known.describe(loras, { actor, nsfwRank: 0 })
        return { ...row, titles: facts.map(({ title }) => title) }
      }),
    )
    return toLorasFile(titled)
  }

  /** Sources are asked only where the text does not say which file is meant. */
  private async prepare(
    filed: FiledCollection,
    images: ReadonlySet<string>,
    remarks: Remark[],
  ): Promise<Prepared> {
    const loras: Prepared['loras'] = []
    const seen = new Set<string>()
    for (const [index, words] of filed.loras.entries()) {
      const path = `lora_collections.${filed.name}.loras.${index}`
      const lora = isWhole(words.lora) ? words.lora : await this.asked(words, path, remarks)
      if (!lora || seen.has(keyOfLora(lora))) continue
      seen.add(keyOfLora(lora))
      const baseImages = words.baseImages?.filter((id) => images.has(id)) ?? []
      if (baseImages.length < (words.baseImages?.length ?? 0)) {
        remarks.push({ path, message: 'Some of its base images are no assets of this space' })
      }
      loras.push({ lora, words: { ...words, baseImages } })
    }
    return { filed, loras }
  }

  private async asked(words: FiledLora, path: string, remarks: Remark[]): Promise<LoraReference | undefined> {
    try {
      return await this.parts.references.check(words, path)
    } catch (cause) {
      const error = AppError.from(cause)
      if (error.code === 'internal') throw cause
      remarks.push({ path, message: error.message })
      return undefined
    }
  }

  private async keep(prepared: Prepared, place: Place, again = true): Promise<ImportedCollection> {
    const { name } = prepared.filed
    let outcome: ImportedCollection['outcome'] = 'unchanged'
    let row: CollectionRow | undefined
    try {
      const changed = await this.parts.writer.write('updated', async (rows) => {
        row = await rows.lockByName(place.spaceId, name)
        if (!row) return undefined
        const edit = changesOf(row, prepared)
        outcome = edit ? 'updated' : 'unchanged'
        return edit && rows.edit(row, edit)
      })
      row = changed ?? row
      row ??= await this.parts.writer.write('created', (rows) => {
        outcome = 'created'
        return this.insert(rows, prepared, place)
      })
    } catch (cause) {
      // Somebody else made it in the meantime.
      if (again && AppError.from(cause).reason === 'COLLECTION_EXISTS')
        return this.keep(prepared, place, false)
      throw cause
    }
    if (!row) throw new AppError('exhausted', `A space may have ${mostCollections} collections`)
    return { name: row.name, outcome, id: row.id, entryCount: row.entries.length }
  }

  private insert(rows: CollectionsRepository, prepared: Prepared, { actor, spaceId }: Place) {
    const { name, description = null, prompt = null, tags = [] } = wordsOf(prepared.filed)
    const entries = entriesOf(prepared, [])
    requireRoom(entries)
    return rows.insert(
      {
        id: newId(),
        spaceId,
        createdBy: actor.userId,
        name: name!,
        description,
        prompt,
        tags,
        position: 0,
        entries,
      },
      mostCollections,
    )
  }

  private async foresee(prepared: Prepared, { spaceId }: Place): Promise<ImportedCollection> {
    const { name, loras } = { ...prepared.filed, loras: prepared.loras }
    const row = await this.parts.rows.findByName(spaceId, name)
    const outcome = row ? (changesOf(row, prepared) ? 'updated' : 'unchanged') : 'created'
    return { name, outcome, id: row?.id ?? null, entryCount: loras.length }
  }
}

/** Undefined where it is so already. */
function changesOf(row: CollectionRow, prepared: Prepared) {
  const { description = null, prompt = null, tags = [] } = wordsOf(prepared.filed)
  const edit = { description, prompt, tags, entries: entriesOf(prepared, row.entries) }
  requireRoom(edit.entries)
  const before = { description: row.description, prompt: row.prompt, tags: row.tags, entries: row.entries }
  return sorted(edit) === sorted(before) ? undefined : edit
}

/** An entry for the same LoRA stays that entry. */
function entriesOf({ loras }: Prepared, before: readonly StoredEntry[]): StoredEntry[] {
  const old = new Map(before.map((entry) => [keyOfLora(entry.lora), entry]))
  return loras.map(({ lora, words }) => {
    const own = old.get(keyOfLora(lora))
    const entry = toStoredEntry(own?.lora ?? lora, { ...words, weight: words.weight ?? 1 }, undefined)
    return own ? { ...entry, id: own.id } : entry
  })
}

/** The database gives members back in an order of its own. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}

function isWhole(lora: LoraReference | undefined): lora is LoraReference {
  if (!lora) return false
  if (lora.source === 'huggingface') return Boolean(lora.path)
  return lora.source === 'civitai' ? Boolean(lora.versionId) : cleanText(lora.path) !== ''
}
