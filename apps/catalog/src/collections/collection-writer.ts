import type { CollectionEntry } from '@easel/contracts'
import { collectionChanged } from '@easel/contracts'
import { isUniqueViolation } from '@easel/database'
import type { Database, SqlTransaction } from '@easel/database'
import { AppError } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import type { BaseImages } from './base-images.ts'
import { keyOfLora, toStoredEntry } from './collection-entry.ts'
import type { StoredEntry } from './collection-entry.ts'
import { toCollectionSummary } from './collection-view.ts'
import { CollectionsRepository } from './collections.repository.ts'
import type { CollectionRow } from './collections.repository.ts'
import { eachOf } from '../needs/each-of.ts'
import type { LoraReferences } from './lora-references.ts'

const mostBytes = 256 * 1_024
export const mostEntries = 200
const askedAtOnce = 4

export type Place = { readonly actor: Actor; readonly spaceId: string }

type Parts = { database: Database; references: LoraReferences; images: BaseImages }

/** Turns what somebody wants a collection to hold into what is kept, and writes it together with its fact. */
export class CollectionWriter {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Only what is new is looked at: who changes a weight need not wait for a source. */
  async checked(
    entries: readonly CollectionEntry[],
    before: readonly StoredEntry[],
    place: Place,
  ): Promise<StoredEntry[]> {
    const old = new Map(before.map((entry) => [entry.id, entry]))
    const known = new Map(before.map(({ lora }) => [keyOfLora(lora), lora]))
    const stored = await eachOf(entries, askedAtOnce, async (entry, index) => {
      const at = `entries.${index}`
      const own = entry.id === undefined ? undefined : old.get(entry.id)
      if (entry.id !== undefined && !own) throw faulty(`${at}.id`, 'No entry of this collection')
      const named = entry.lora && known.get(keyOfLora(entry.lora))
      const isSame = own && entry.lora === undefined && entry.reference === undefined
      const lora = isSame ? own.lora : (named ?? (await this.parts.references.check(entry, at)))
      return toStoredEntry(lora, entry, own)
    })
    requireDistinct(stored)
    const images = new Set(before.flatMap(({ baseImages }) => baseImages))
    const added = stored.flatMap(({ baseImages }) => baseImages).filter((id) => !images.has(id))
    await this.parts.images.require(added, place)
    return stored
  }

  /** Writes, and tells of it in the same transaction. */
  async write<T extends CollectionRow | undefined>(
    event: 'created' | 'updated' | 'deleted',
    work: (rows: CollectionsRepository) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.parts.database.transact(async (tx) => {
        const row = await work(new CollectionsRepository(tx))
        if (row) await tell(tx, event, row)
        return row
      })
    } catch (cause) {
      if (!isUniqueViolation(cause, 'collections_space_id_name_key_key')) throw cause
      throw new AppError('conflict', 'There is a collection of this name in this space', {
        reason: 'COLLECTION_EXISTS',
        faults: [{ path: 'name', message: 'must be another one' }],
        cause,
      })
    }
  }
}

function tell(tx: SqlTransaction, event: string, row: CollectionRow): Promise<void> {
  const payload = {
    event: `collection.${event}` as 'collection.created',
    collection: toCollectionSummary(row),
  }
  return tx.outbox.add(collectionChanged, payload, { key: row.id })
}

export function requireRoom(entries: readonly StoredEntry[]): void {
  const isLarge = entries.length > mostEntries || Buffer.byteLength(JSON.stringify(entries)) > mostBytes
  if (!isLarge) return
  const message = `A collection may have ${mostEntries} LoRAs, and ${mostBytes / 1_024} KiB of words`
  throw new AppError('invalid', message, {
    reason: 'COLLECTION_TOO_LARGE',
    faults: [{ path: 'entries', message: 'must be fewer, or shorter' }],
  })
}

function requireDistinct(entries: readonly StoredEntry[]): void {
  const seen = new Set<string>()
  for (const [index, { id, lora }] of entries.entries()) {
    const key = keyOfLora(lora)
    if (seen.has(key) || seen.has(id)) throw faulty(`entries.${index}.lora`, 'This LoRA is there twice')
    seen.add(key).add(id)
  }
}

const faulty = (path: string, message: string) =>
  new AppError('invalid', message, { faults: [{ path, message }] })
