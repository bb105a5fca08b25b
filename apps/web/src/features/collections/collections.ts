import { EaselError } from '@easel/client'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { meQuery, queries, spaceOf } from '../../api/queries.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import type { CollectionView, CreateCollection, UpdateCollection } from '@easel/client'

const area = 'collections'

/** Those of the space that the page works in. */
export function useCollections(q: string | undefined) {
  const { data: me } = useQuery(meQuery)
  const spaceId = me && spaceOf(me)
  return useQuery({
    queryKey: [area, 'list', spaceId, q],
    queryFn: () => easel.collections.list({ limit: 200, spaceId: spaceId!, ...(q !== undefined && { q }) }),
    enabled: spaceId !== undefined,
    placeholderData: (before) => before,
  })
}

export const collectionQuery = (id: string) =>
  queryOptions({ queryKey: [area, 'one', id], queryFn: () => easel.collections.get(id) })

type Change = (now: CollectionView) => UpdateCollection

/** One change after the other, each upon what the one before it came to. */
const turns = new Map<string, Promise<unknown>>()

/**
 * Changes what is asked for and leaves the rest as it is now: when somebody else was faster, it is done once more upon
 * what he made of it.
 */
export function changeCollection(id: string, change: Change): Promise<boolean> {
  const turn = (turns.get(id) ?? Promise.resolve()).then(() => changeNow(id, change))
  turns.set(id, turn)
  return turn
}

async function changeNow(id: string, change: Change, again = true): Promise<boolean> {
  const { queryKey } = collectionQuery(id)
  try {
    const now = queries.getQueryData(queryKey) ?? (await easel.collections.get(id))
    const changed = await easel.collections.update(id, now.revision, change(now))
    queries.setQueryData(queryKey, withPictures(changed, now))
    void queries.invalidateQueries({ queryKey: [area, 'list'] })
    return true
  } catch (error) {
    if (again && error instanceof EaselError && error.code === 'STALE') {
      queries.setQueryData(queryKey, await easel.collections.get(id))
      return changeNow(id, change, false)
    }
    tellError(error)
    void queries.invalidateQueries({ queryKey })
    return false
  }
}

/** What a change answers has only the pictures that everybody may see. */
function withPictures(changed: CollectionView, before: CollectionView): CollectionView {
  const images = new Map(before.entries.map(({ id, image }) => [id, image]))
  const entries = changed.entries.map((entry) => ({
    ...entry,
    image: entry.image ?? images.get(entry.id) ?? null,
  }))
  return { ...changed, entries }
}

/** To what was answered by something else than a change. */
export function showCollection(view: CollectionView): void {
  const { queryKey } = collectionQuery(view.id)
  const before = queries.getQueryData(queryKey)
  queries.setQueryData(queryKey, before ? withPictures(view, before) : view)
  void queries.invalidateQueries({ queryKey: [area, 'list'] })
}

export async function createCollection(collection: CreateCollection): Promise<CollectionView | undefined> {
  try {
    const made = await easel.collections.create(collection, { idempotencyKey: crypto.randomUUID() })
    showCollection(made)
    return made
  } catch (error) {
    tellError(error)
    return undefined
  }
}

/** It is brought back as it was, under another id. */
export async function deleteCollection(view: CollectionView, onBack: (id: string) => void): Promise<void> {
  try {
    await easel.collections.delete(view.id)
  } catch (error) {
    return tellError(error)
  }
  void queries.invalidateQueries({ queryKey: [area, 'list'] })
  tell(`“${view.name}” is deleted`, {
    description: 'Its LoRAs and pictures stay.',
    undo: () => void createCollection(copyOf(view)).then((made) => made && onBack(made.id)),
  })
}

function copyOf({
  spaceId,
  name,
  description,
  prompt,
  tags,
  position,
  entries,
}: CollectionView): CreateCollection {
  return {
    spaceId,
    name,
    description: description ?? null,
    prompt: prompt ?? null,
    tags,
    position,
    entries: entries.map(writtenEntry),
  }
}

/** An entry as it is written: what people said of the LoRA. */
export function writtenEntry({
  lora,
  name,
  trigger,
  weight,
  prompt,
  notes,
  baseImages,
}: CollectionView['entries'][number]): NonNullable<CreateCollection['entries']>[number] {
  return {
    lora,
    name: name ?? null,
    trigger: trigger ?? null,
    weight,
    prompt: prompt ?? null,
    notes: notes ?? null,
    baseImages: baseImages.filter(({ state }) => state !== 'gone').map(({ assetId }) => assetId),
  }
}
