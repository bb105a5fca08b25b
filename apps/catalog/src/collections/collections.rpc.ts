import type {
  AddToCollection,
  ById,
  CollectionEntryId,
  CollectionPage,
  collections,
  CollectionView,
  CreateCollection,
  ExportCollections,
  ExportedCollections,
  GetCollection,
  ImportCollections,
  ImportedCollections,
  ListCollections,
  ListLoras,
  ListMissing,
  LoraPage,
  MissingLoras,
  UpdateCollection,
} from '@easel/contracts'
import { requireActor } from '@easel/protocol'
import type { CallContext, Done, Handlers } from '@easel/protocol'
import type { CollectionsService } from './collections.service.ts'
import type { LorasImportService } from './loras-import.service.ts'
import type { LorasService } from './loras.service.ts'

/** LoRAs belong to the house, collections to their space. */
export class CollectionsRpc implements Handlers<typeof collections> {
  private readonly loras: LorasService
  private readonly service: CollectionsService
  private readonly texts: LorasImportService

  constructor(loras: LorasService, service: CollectionsService, texts: LorasImportService) {
    this.loras = loras
    this.service = service
    this.texts = texts
  }

  async listLoras(input: ListLoras, context: CallContext): Promise<LoraPage> {
    return this.loras.list(input, requireActor(context))
  }

  async createCollection(input: CreateCollection, context: CallContext): Promise<CollectionView> {
    return this.service.create(input, requireActor(context))
  }

  async listCollections(input: ListCollections, context: CallContext): Promise<CollectionPage> {
    return this.service.list(input, requireActor(context))
  }

  async getCollection({ id, maxNsfw }: GetCollection, context: CallContext): Promise<CollectionView> {
    return this.service.get(id, requireActor(context), maxNsfw)
  }

  async updateCollection(input: UpdateCollection, context: CallContext): Promise<CollectionView> {
    return this.service.update(input, requireActor(context))
  }

  async deleteCollection({ id }: ById, context: CallContext): Promise<Done> {
    await this.service.delete(id, requireActor(context))
    return {}
  }

  async addEntries(input: AddToCollection, context: CallContext): Promise<CollectionView> {
    return this.service.add(input, requireActor(context))
  }

  async removeEntry(input: CollectionEntryId, context: CallContext): Promise<CollectionView> {
    return this.service.remove(input, requireActor(context))
  }

  async listMissing(input: ListMissing, context: CallContext): Promise<MissingLoras> {
    return this.service.missing(input, requireActor(context))
  }

  async importCollections(input: ImportCollections, context: CallContext): Promise<ImportedCollections> {
    return this.texts.import(input, requireActor(context))
  }

  async exportCollections(input: ExportCollections, context: CallContext): Promise<ExportedCollections> {
    return this.texts.export(input, requireActor(context))
  }
}
