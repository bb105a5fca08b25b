import { AppError, Done, newId, notFound, requireActor } from '@easel/protocol'
import type { collections, CollectionView, LoraView, ModelWish } from '@easel/contracts'
import type { CallContext, Handlers } from '@easel/protocol'

const time = '2026-11-20T10:00:00.000Z'

export const aLora: LoraView = {
  lora: { source: 'civitai', modelId: '4201', versionId: '4202' },
  title: 'Castle',
  triggerWords: ['castle'],
  state: 'available',
  origin: 'catalogue',
  favorite: false,
}

/** Collections as the gateway sees them: of each actor his own. */
export class CollectionPeers {
  readonly kept = new Map<string, CollectionView>()
  missing: ModelWish[] = []

  handlers(): Partial<Handlers<typeof collections>> {
    return {
      listLoras: async () => ({ items: [aLora], nextCursor: null, for: null }),
      listCollections: async (_input, context) => ({
        items: this.#own(context).map(({ entries: _entries, ...summary }) => summary),
        nextCursor: null,
      }),
      createCollection: async ({ name, spaceId }, context) => {
        const actor = requireActor(context)
        const view = aCollection({
          name,
          spaceId: spaceId ?? actor.personalSpaceId,
          createdBy: actor.userId,
        })
        this.kept.set(view.id, view)
        return view
      },
      getCollection: async ({ id }, context) => this.#find(id, context),
      updateCollection: async ({ id, revision, name }, context) => {
        const view = this.#find(id, context)
        if (view.revision !== revision) throw new AppError('conflict', 'Too late', { reason: 'STALE' })
        return this.#put({ ...view, name: name ?? view.name, revision: revision + 1 })
      },
      deleteCollection: async ({ id }, context) => {
        this.kept.delete(this.#find(id, context).id)
        return new Done()
      },
      addEntries: async ({ id }, context) => {
        const view = this.#find(id, context)
        const { origin: _origin, favorite: _favorite, ...facts } = aLora
        const entry = { ...facts, id: newId(), weight: 1, baseImages: [] }
        return this.#put({ ...view, entries: [entry], entryCount: 1, revision: view.revision + 1 })
      },
      removeEntry: async ({ id, entryId }, context) => {
        const view = this.#find(id, context)
        const entries = view.entries.filter((entry) => entry.id !== entryId)
        return this.#put({ ...view, entries, entryCount: 0, revision: view.revision + 1 })
      },
      listMissing: async ({ id }, context) => {
        const { spaceId } = this.#find(id, context)
        return { spaceId, wishes: this.missing, unfetched: [] }
      },
      importCollections: async () => ({
        collections: [{ name: 'Buildings', outcome: 'created', id: null, entryCount: 1 }],
        remarks: [{ path: 'loras.mill', message: 'It does not say where it is' }],
      }),
      exportCollections: async () => ({
        loras: { castle: { civitai_version: '4202' } },
        lora_collections: { Buildings: { loras: ['castle'] } },
      }),
    }
  }

  #own(context: CallContext): CollectionView[] {
    const { spaces } = requireActor(context)
    return [...this.kept.values()].filter(({ spaceId }) => Object.hasOwn(spaces, spaceId))
  }

  #find(id: string, context: CallContext): CollectionView {
    const view = this.#own(context).find((each) => each.id === id)
    if (!view) throw notFound('collection', 'COLLECTION_NOT_FOUND')
    return view
  }

  #put(view: CollectionView): CollectionView {
    this.kept.set(view.id, view)
    return view
  }
}

export function aCollection(more: Partial<CollectionView> = {}): CollectionView {
  return {
    id: newId(),
    spaceId: newId(),
    name: 'Buildings',
    tags: [],
    position: 0,
    entryCount: 0,
    covers: [],
    revision: 1,
    createdBy: newId(),
    createdAt: time,
    updatedAt: time,
    entries: [],
    ...more,
  }
}
