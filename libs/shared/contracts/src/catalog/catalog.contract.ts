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
  GetFileByHash,
  LibraryFileChanged,
  LibraryFilePage,
  LibraryFileView,
  LibraryStats,
  ListLibraryFiles,
  ScanLibrary,
  ScanView,
} from './library.messages.ts'
import {
  DismissUpdate,
  FavoritePage,
  FindByHash,
  HashMatch,
  ListFavorites,
  ListUpdates,
  SetFavorite,
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

export const libraryFileChanged = defineFact('catalog.library-file.changed', 1, LibraryFileChanged)
