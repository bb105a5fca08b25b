import type { Bus } from '@easel/bus'
import type { Database } from '@easel/database'
import type { BundleShelf } from '../bundles/bundle-shelf.ts'
import type { TransfersUnderWay } from '../bundles/transfers-under-way.ts'
import { SearchRepository } from '../models/search.repository.ts'
import type { FoldersOfTypes } from '../needs/file-folder.ts'
import type { SourceUrls } from '../needs/reference.ts'
import type { ResolveService } from '../needs/resolve.service.ts'
import { BaseImages } from './base-images.ts'
import { CollectionWriter } from './collection-writer.ts'
import { CollectionsRepository } from './collections.repository.ts'
import { CollectionsRpc } from './collections.rpc.ts'
import { CollectionsService } from './collections.service.ts'
import { KnownLorasRepository } from './known-loras.repository.ts'
import { KnownLoras } from './known-loras.service.ts'
import { LoraReferences } from './lora-references.ts'
import { LorasImportService } from './loras-import.service.ts'
import { LorasRepository } from './loras.repository.ts'
import { LorasService } from './loras.service.ts'

export type CollectionsResources = {
  database: Database
  bus: Bus
  shelf: BundleShelf
  transfers: TransfersUnderWay
  resolving: ResolveService
  urls: SourceUrls
  folders: FoldersOfTypes
}

/** What answers the contract `collections`. */
export function buildCollections(resources: CollectionsResources): CollectionsRpc {
  const { database, bus, shelf, transfers, resolving, urls, folders } = resources
  const models = new KnownLorasRepository(database)
  const known = new KnownLoras({ rows: models, shelf, transfers })
  const images = new BaseImages(bus)
  const references = new LoraReferences({
    rows: models,
    shelf,
    resolving,
    urls,
    folder: folders.folderOf('lora'),
  })
  const parts = {
    rows: new CollectionsRepository(database),
    writer: new CollectionWriter({ database, references, images }),
    known,
    images,
  }
  const rows = new LorasRepository(database)
  const loras = new LorasService({ rows, models, known, shelf, search: new SearchRepository(database) })
  return new CollectionsRpc(
    loras,
    new CollectionsService(parts),
    new LorasImportService({ ...parts, references }),
  )
}
