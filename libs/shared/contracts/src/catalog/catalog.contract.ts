import { defineFact, defineService, Done, query, rpc } from '@easel/protocol'
import { ById, Nothing } from '../page.ts'
import {
  BundleById,
  BundlePage,
  BundleStatus,
  BundleView,
  ImportedManifests,
  ImportManifests,
  ListBundles,
  PutBundle,
} from './bundle.messages.ts'
import {
  AddToCollection,
  CollectionChanged,
  CollectionEntryId,
  CollectionPage,
  CollectionView,
  CreateCollection,
  GetCollection,
  ListCollections,
  ListMissing,
  MissingLoras,
  UpdateCollection,
} from './collection.messages.ts'
import {
  ExportCollections,
  ExportedCollections,
  ImportCollections,
  ImportedCollections,
} from './collection-text.messages.ts'
import {
  DuplicatePage,
  ExternalFile,
  FamilyList,
  FindExternal,
  FolderTable,
  GetTriggerWords,
  HeaderView,
  LinkFile,
  ListDuplicates,
  ListMisplaced,
  MisplacedPage,
  MoveFile,
  ReadRemoteHeader,
  SidecarOutcomes,
  TriggerWords,
  WriteSidecars,
} from './library-care.messages.ts'
import {
  GetFileByHash,
  LibraryFileChanged,
  LibraryFilePage,
  LibraryFileView,
  ListLibraryFiles,
  ScanLibrary,
} from './library.messages.ts'
import { LibraryStats, ScanView } from './library-stats.messages.ts'
import { ListLoras, LoraPage } from './lora.messages.ts'
import {
  DismissUpdate,
  FavoritePage,
  FindByHash,
  HashMatch,
  ListFavorites,
  ListUpdates,
  ModelChanged,
  SetFavorite,
  SyncView,
  UpdatePage,
} from './model-care.messages.ts'
import { GetModel, ModelView } from './model.messages.ts'
import { CheckNeeds, NeedsView } from './needs.messages.ts'
import { Resolved, ResolveModels } from './resolve.messages.ts'
import { SearchModels, SearchPage, SuggestModels, Suggestions } from './search.messages.ts'

/** What lies in the models folders. */
export const catalog = defineService('catalog', 1, {
  listFiles: query(ListLibraryFiles, LibraryFilePage),
  getFile: query(ById, LibraryFileView, ['FILE_NOT_FOUND']),
  getFileByHash: query(GetFileByHash, LibraryFileView, ['FILE_NOT_FOUND']),
  getStats: query(Nothing, LibraryStats),
  /** Starts a scan, or joins the one that runs. */
  scan: rpc(ScanLibrary, ScanView, ['PATH_NOT_FOUND', 'NO_MODELS_DIRECTORY']),
})

/** What is done for the files of the library, and what else is asked of them. */
export const libraryCare = defineService('library-care', 1, {
  getTriggerWords: query(GetTriggerWords, TriggerWords, ['FILE_NOT_FOUND', 'VERSION_NOT_FOUND']),
  listDuplicates: query(ListDuplicates, DuplicatePage),
  listMisplaced: query(ListMisplaced, MisplacedPage),
  /** Files of the library are the house's: admins change them. */
  moveFile: rpc(MoveFile, LibraryFileView, [
    'ADMINS_ONLY',
    'FILE_NOT_FOUND',
    'FILE_EXISTS',
    'FILE_CHANGED',
    'PATH_INVALID',
    'ROOT_READ_ONLY',
    'OTHER_FILESYSTEM',
    'NO_MODELS_DIRECTORY',
  ]),
  linkFile: rpc(LinkFile, LibraryFileView, ['ADMINS_ONLY', 'FILE_NOT_FOUND']),
  writeSidecars: rpc(WriteSidecars, SidecarOutcomes, ['ADMINS_ONLY', 'SIDECARS_OFF', 'NO_MODELS_DIRECTORY']),
  findExternal: query(FindExternal, ExternalFile, ['EXTERNAL_NOT_FOUND']),
  /** By one or two requests for a part of the file. */
  readRemoteHeader: query(ReadRemoteHeader, HeaderView, [
    'URL_FORBIDDEN',
    'URL_UNREACHABLE',
    'RANGES_UNSUPPORTED',
    'SAFETENSORS_INVALID',
    'GGUF_INVALID',
    'FORMAT_UNKNOWN',
  ]),
  listFamilies: query(Nothing, FamilyList),
  /** Which folder a model of a type goes into. */
  listTypeFolders: query(Nothing, FolderTable),
})

/** What is known of models, here and elsewhere. */
export const models = defineService('models', 1, {
  search: query(SearchModels, SearchPage),
  suggest: query(SuggestModels, Suggestions),
  getModel: query(GetModel, ModelView, ['MODEL_NOT_FOUND', 'SOURCE_UNAVAILABLE']),
  findByHash: query(FindByHash, HashMatch, ['MODEL_NOT_FOUND', 'SOURCE_UNAVAILABLE']),
  setFavorite: rpc(SetFavorite, Done, ['MODEL_NOT_FOUND']),
  listFavorites: query(ListFavorites, FavoritePage),
  listUpdates: query(ListUpdates, UpdatePage),
  dismissUpdate: rpc(DismissUpdate, Done),
  getSync: query(Nothing, SyncView),
  /** Asks the sources for what is new, or joins the run that does. */
  startSync: rpc(Nothing, SyncView),
})

/** What somebody or some graph wants, and where it is to be had. */
export const needs = defineService('needs', 1, {
  check: query(CheckNeeds, NeedsView, ['WORKFLOW_INVALID']),
  resolve: query(ResolveModels, Resolved, [
    'MODEL_NOT_FOUND',
    'MODEL_GATED',
    'BUNDLE_NOT_FOUND',
    'REFERENCE_INVALID',
    'SOURCE_UNAVAILABLE',
  ]),
})

export const bundles = defineService('bundles', 1, {
  listBundles: query(ListBundles, BundlePage),
  getBundle: query(BundleById, BundleView, ['BUNDLE_NOT_FOUND']),
  getStatus: query(BundleById, BundleStatus, ['BUNDLE_NOT_FOUND']),
  putBundle: rpc(PutBundle, BundleView),
  deleteBundle: rpc(BundleById, Done, ['BUNDLE_NOT_FOUND']),
  importManifests: rpc(ImportManifests, ImportedManifests),
})

/** LoRAs: which there are and what they go with, and those that the people of a space use together. */
export const collections = defineService('collections', 1, {
  listLoras: query(ListLoras, LoraPage, ['FAMILY_UNKNOWN', 'CURSOR_INVALID']),
  createCollection: rpc(CreateCollection, CollectionView, [
    'SPACE_NOT_FOUND',
    'COLLECTION_EXISTS',
    'COLLECTION_TOO_LARGE',
    'LORA_NOT_FOUND',
    'NOT_A_LORA',
    'ASSET_NOT_FOUND',
    'REFERENCE_INVALID',
    'SOURCE_UNAVAILABLE',
    'GALLERY_UNAVAILABLE',
  ]),
  listCollections: query(ListCollections, CollectionPage, ['SPACE_NOT_FOUND', 'CURSOR_INVALID']),
  getCollection: query(GetCollection, CollectionView, ['COLLECTION_NOT_FOUND']),
  updateCollection: rpc(UpdateCollection, CollectionView, [
    'COLLECTION_NOT_FOUND',
    'STALE',
    'COLLECTION_EXISTS',
    'COLLECTION_TOO_LARGE',
    'LORA_NOT_FOUND',
    'NOT_A_LORA',
    'ASSET_NOT_FOUND',
    'REFERENCE_INVALID',
    'SOURCE_UNAVAILABLE',
    'GALLERY_UNAVAILABLE',
  ]),
  deleteCollection: rpc(ById, Done, ['COLLECTION_NOT_FOUND']),
  addEntries: rpc(AddToCollection, CollectionView, [
    'COLLECTION_NOT_FOUND',
    'COLLECTION_TOO_LARGE',
    'LORA_NOT_FOUND',
    'NOT_A_LORA',
    'ASSET_NOT_FOUND',
    'REFERENCE_INVALID',
    'SOURCE_UNAVAILABLE',
    'GALLERY_UNAVAILABLE',
  ]),
  removeEntry: rpc(CollectionEntryId, CollectionView, ['COLLECTION_NOT_FOUND', 'ENTRY_NOT_FOUND']),
  listMissing: query(ListMissing, MissingLoras, ['COLLECTION_NOT_FOUND', 'ENTRY_NOT_FOUND']),
  importCollections: rpc(ImportCollections, ImportedCollections, [
    'SPACE_NOT_FOUND',
    'IMPORT_INVALID',
    'GALLERY_UNAVAILABLE',
  ]),
  exportCollections: query(ExportCollections, ExportedCollections, [
    'SPACE_NOT_FOUND',
    'COLLECTION_NOT_FOUND',
  ]),
})

export const libraryFileChanged = defineFact('catalog.library-file.changed', 1, LibraryFileChanged)
export const modelChanged = defineFact('catalog.model.changed', 1, ModelChanged)
export const collectionChanged = defineFact('catalog.collection.changed', 1, CollectionChanged)
