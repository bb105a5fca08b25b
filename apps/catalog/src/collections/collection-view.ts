import type {
  BaseImage,
  CollectionEntryView,
  CollectionSummary,
  CollectionView,
  LoraFacts,
} from '@easel/contracts'
import type { StoredEntry } from './collection-entry.ts'
import type { CollectionRow, SummaryRow } from './collections.repository.ts'

export function toCollectionSummary(row: SummaryRow): CollectionSummary {
  const { id, spaceId, name, description, prompt, tags, position, entryCount, covers, revision } = row
  return {
    id,
    spaceId,
    name,
    description,
    prompt,
    tags,
    position,
    entryCount,
    covers,
    revision,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

export type Shown = {
  /** In the order of the entries. */
  facts: readonly LoraFacts[]
  image: (assetId: string) => BaseImage
}

export function toCollectionView(row: CollectionRow, { facts, image }: Shown): CollectionView {
  return {
    ...toCollectionSummary(row),
    entries: row.entries.map((entry, index) => toEntryView(entry, facts[index]!, image)),
  }
}

function toEntryView(
  { id, name, trigger, weight, prompt, notes, baseImages }: StoredEntry,
  facts: LoraFacts,
  image: Shown['image'],
): CollectionEntryView {
  return {
    ...facts,
    id,
    name: name ?? null,
    trigger: trigger ?? null,
    weight,
    prompt: prompt ?? null,
    notes: notes ?? null,
    baseImages: baseImages.map(image),
  }
}
