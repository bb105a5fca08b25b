import {
  AddToCollection,
  CollectionEntryId,
  CollectionPage,
  CollectionView,
  CreateCollection,
  ExportCollections,
  ExportedCollections,
  GetCollection,
  ImportCollections,
  ImportedCollections,
  ListCollections,
  ListLoras,
  LoraPage,
  UpdateCollection,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { idAndRevision, tagged } from '../http/if-match.ts'
import { route } from '../http/route.ts'
import { sourceMs } from '../models/models.controller.ts'
import { asViewed } from '../models/viewing.ts'
import { Services } from '../services.ts'
import { idOf } from '../workflows/workflows.controller.ts'
import { FetchCollection, FetchedCollection } from './collections.messages.ts'
import type { FastifyRequest } from 'fastify'
import type { Call, Controller, Route } from '../http/route.ts'

const contentReasons = [
  'COLLECTION_TOO_LARGE',
  'LORA_NOT_FOUND',
  'NOT_A_LORA',
  'ASSET_NOT_FOUND',
  'REFERENCE_INVALID',
  'SOURCE_UNAVAILABLE',
  'GALLERY_UNAVAILABLE',
]

/** LoRAs, and those that the people of a space use together. */
@Injectable()
export class CollectionsController implements Controller {
  readonly area = 'collections'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/loras',
      access: 'models:read',
      summary: 'List LoRAs: of the library, of bundles, and what is known of the sources',
      description:
        'With `for` only those that a family or a checkpoint loads. What is here comes first, then presets, then favourites, then the rest of the catalogue by downloads. No source is asked.',
      query: ListLoras,
      answer: LoraPage,
      reasons: ['FAMILY_UNKNOWN', 'CURSOR_INVALID'],
      handle: ({ query, caller, actor }) =>
        this.services.collections.listLoras(asViewed(query, caller), { actor, timeoutMs: sourceMs }),
    }),
    route({
      method: 'GET',
      path: '/collections',
      access: 'models:read',
      summary: 'List collections of LoRAs',
      query: ListCollections,
      answer: CollectionPage,
      reasons: ['SPACE_NOT_FOUND'],
      handle: ({ query, actor }) => this.services.collections.listCollections(query, { actor }),
    }),
    route({
      method: 'POST',
      path: '/collections',
      access: 'models:write',
      summary: 'Make a collection of LoRAs',
      description:
        'An entry names its LoRA by `lora` (a file of the library, a version of CivitAI, a file of Hugging Face or of a bundle) or by a `reference` (an AIR, `hf://…`, the address of its page). It is pinned to what it is now.',
      body: CreateCollection,
      answer: CollectionView,
      status: 201,
      creates: true,
      reasons: ['SPACE_NOT_FOUND', 'COLLECTION_EXISTS', ...contentReasons],
      handle: async ({ body, actor, reply }) =>
        tagged(reply, await this.services.collections.createCollection(body, { actor, timeoutMs: sourceMs })),
    }),
    route({
      method: 'POST',
      path: '/collections/import',
      access: 'models:write',
      summary:
        'Make collections of a `loras.yaml` (YAML or JSON); with `dryRun` only say what would come of it',
      description:
        'A collection of the same name is what the text says afterwards. What one LoRA lacks is told in `remarks`.',
      body: ImportCollections,
      answer: ImportedCollections,
      reasons: ['SPACE_NOT_FOUND', 'IMPORT_INVALID', 'COLLECTION_TOO_LARGE', 'GALLERY_UNAVAILABLE'],
      handle: ({ body, actor }) =>
        this.services.collections.importCollections(body, { actor, timeoutMs: sourceMs }),
    }),
    route({
      method: 'GET',
      path: '/collections/export',
      access: 'models:read',
      summary: 'Get collections as one text that can be imported',
      query: ExportCollections,
      answer: ExportedCollections,
      reasons: ['SPACE_NOT_FOUND', 'COLLECTION_NOT_FOUND'],
      handle: ({ query, actor }) => this.services.collections.exportCollections(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/collections/:id',
      access: 'models:read',
      summary: 'Get a collection; its ETag is for the next change',
      query: GetCollection,
      hidden: ['id'],
      given: idOf,
      answer: CollectionView,
      reasons: ['COLLECTION_NOT_FOUND'],
      handle: async ({ query, caller, actor, reply }) =>
        tagged(reply, await this.services.collections.getCollection(asViewed(query, caller), { actor })),
    }),
    route({
      method: 'PATCH',
      path: '/collections/:id',
      access: 'models:write',
      summary: 'Change a collection; `entries` are all of them, in their order',
      description: 'A stale `If-Match` is 412 and changes nothing.',
      body: UpdateCollection,
      hidden: ['id', 'revision'],
      given: idAndRevision,
      headers: { 'If-Match': 'The ETag of the collection as it was read. Needed.' },
      answer: CollectionView,
      reasons: [
        'COLLECTION_NOT_FOUND',
        'STALE',
        'PRECONDITION_REQUIRED',
        'COLLECTION_EXISTS',
        ...contentReasons,
      ],
      handle: async ({ body, actor, reply }) =>
        tagged(reply, await this.services.collections.updateCollection(body, { actor, timeoutMs: sourceMs })),
    }),
    route({
      method: 'DELETE',
      path: '/collections/:id',
      access: 'models:write',
      summary: 'Remove a collection; its LoRAs and pictures stay',
      reasons: ['COLLECTION_NOT_FOUND'],
      handle: async ({ params, actor }) => {
        await this.services.collections.deleteCollection({ id: params.id ?? '' }, { actor })
      },
    }),
    route({
      method: 'POST',
      path: '/collections/:id/entries',
      access: 'models:write',
      summary: 'Add LoRAs to a collection; what is there already stays as it is',
      body: AddToCollection,
      hidden: ['id'],
      given: idOf,
      answer: CollectionView,
      reasons: ['COLLECTION_NOT_FOUND', ...contentReasons],
      handle: async ({ body, actor, reply }) =>
        tagged(reply, await this.services.collections.addEntries(body, { actor, timeoutMs: sourceMs })),
    }),
    route({
      method: 'DELETE',
      path: '/collections/:id/entries/:entryId',
      access: 'models:write',
      summary: 'Take a LoRA out of a collection',
      query: CollectionEntryId,
      hidden: ['id', 'entryId'],
      given: entryOf,
      answer: CollectionView,
      reasons: ['COLLECTION_NOT_FOUND', 'ENTRY_NOT_FOUND'],
      handle: async ({ query, actor, reply }) =>
        tagged(reply, await this.services.collections.removeEntry(query, { actor })),
    }),
    route({
      method: 'POST',
      path: '/collections/:id/fetch',
      access: 'models:write',
      summary: 'Fetch what is missing of a collection, as one download',
      description:
        'What is on its way already is joined. Answers 200 when there is nothing to fetch. MODEL_GATED tells in `details` where to ask for access: name the `entries` to fetch the others.',
      body: FetchCollection,
      optionalBody: true,
      hidden: ['id'],
      given: idOf,
      answer: FetchedCollection,
      status: 202,
      creates: true,
      reasons: [
        'COLLECTION_NOT_FOUND',
        'ENTRY_NOT_FOUND',
        'DISK_FULL',
        'MODEL_NOT_FOUND',
        'MODEL_GATED',
        'SOURCE_UNAVAILABLE',
      ],
      handle: (call) => this.#fetch(call),
    }),
  ]

  constructor(private readonly services: Services) {}

  async #fetch({ body, actor, chosen }: Call<FetchCollection>): Promise<FetchedCollection> {
    const { priority, ...asked } = body
    const options = { actor, timeoutMs: sourceMs }
    const { spaceId, wishes, unfetched } = await this.services.collections.listMissing(asked, options)
    if (wishes.length === 0) {
      chosen.status = 200
      return { download: null, unfetched }
    }
    const download = await this.services.downloader.createDownload(
      { source: 'files', files: wishes, spaceId, ...(priority !== undefined && { priority }) },
      options,
    )
    return { download, unfetched }
  }
}

function entryOf({ params }: FastifyRequest): { id: string; entryId: string } {
  const { id, entryId } = params as { id: string; entryId: string }
  return { id, entryId }
}
