import { defineFact, defineService, query, rpc } from '@easel/protocol'
import { ById, Nothing } from '../page.ts'
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

export const catalog = defineService('catalog', 1, {
  listFiles: query(ListLibraryFiles, LibraryFilePage),
  getFile: query(ById, LibraryFileView, ['FILE_NOT_FOUND']),
  getFileByHash: query(GetFileByHash, LibraryFileView, ['FILE_NOT_FOUND']),
  getStats: query(Nothing, LibraryStats),
  /** Starts a scan, or joins the one that runs. */
  scan: rpc(ScanLibrary, ScanView, ['PATH_NOT_FOUND', 'NO_MODELS_DIRECTORY']),
})

export const libraryFileChanged = defineFact('catalog.library-file.changed', 1, LibraryFileChanged)
