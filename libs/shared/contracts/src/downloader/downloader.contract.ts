import { defineFact, defineService, Done, query, rpc } from '@easel/protocol'
import { ById, Nothing } from '../page.ts'
import { DownloadSettings, UpdateDownloadSettings } from './download-settings.messages.ts'
import {
  ActedOnDownloads,
  ActOnDownloads,
  FindTransfers,
  FoundTransfers,
  PutToken,
  SetPriority,
  TokenList,
  TokenOf,
  TokenSecret,
  TokenView,
} from './download-wish.messages.ts'
import {
  AdoptedFiles,
  AdoptFiles,
  ContentPlaces,
  HubFileChanged,
  HubFilePage,
  HubFileView,
  HubHash,
  HubStatus,
  ListHubFiles,
  LocateContents,
  PinHubFile,
  VerifyHub,
} from './hub.messages.ts'
import {
  CreateDownload,
  DownloadChanged,
  DownloadPage,
  DownloadView,
  FilePlaced,
  ListDownloads,
} from './download.messages.ts'

export const downloader = defineService('downloader', 1, {
  createDownload: rpc(CreateDownload, DownloadView, [
    'URL_FORBIDDEN',
    'FILENAME_INVALID',
    'SPACE_NOT_FOUND',
    'DISK_FULL',
    'FILE_EXISTS',
    'NO_MODELS_DIRECTORY',
    'MODEL_NOT_FOUND',
    'MODEL_GATED',
    'BUNDLE_NOT_FOUND',
    'REFERENCE_INVALID',
    'NOTHING_TO_DOWNLOAD',
    'SOURCE_UNAVAILABLE',
  ]),
  listDownloads: query(ListDownloads, DownloadPage),
  getDownload: query(ById, DownloadView, ['DOWNLOAD_NOT_FOUND']),
  pauseDownload: rpc(ById, DownloadView, ['DOWNLOAD_NOT_FOUND', 'DOWNLOAD_FINISHED']),
  resumeDownload: rpc(ById, DownloadView, ['DOWNLOAD_NOT_FOUND', 'DOWNLOAD_FINISHED']),
  retryDownload: rpc(ById, DownloadView, ['DOWNLOAD_NOT_FOUND', 'DOWNLOAD_NOT_FAILED']),
  /** Frees the slot within a second and removes the partial file. */
  cancelDownload: rpc(ById, Done, ['DOWNLOAD_NOT_FOUND']),
  setPriority: rpc(SetPriority, DownloadView, ['DOWNLOAD_NOT_FOUND']),
  act: rpc(ActOnDownloads, ActedOnDownloads, ['DOWNLOAD_NOT_FOUND', 'SPACE_NOT_FOUND']),
  findTransfers: query(FindTransfers, FoundTransfers),
  getSettings: query(Nothing, DownloadSettings),
  updateSettings: rpc(UpdateDownloadSettings, DownloadSettings),
})

/** Of the sources, for the whole installation: an admin's to set. */
export const sourceTokens = defineService('source-tokens', 1, {
  listTokens: query(Nothing, TokenList),
  putToken: rpc(PutToken, TokenView),
  deleteToken: rpc(TokenOf, Done),
  /** For services alone: refused to every person. */
  revealToken: query(TokenOf, TokenSecret),
})

/** Model files, each content once. */
export const hub = defineService('hub', 1, {
  getStatus: query(Nothing, HubStatus),
  listFiles: query(ListHubFiles, HubFilePage),
  pinFile: rpc(PinHubFile, HubFileView, ['CONTENT_NOT_FOUND']),
  /** Deletes a content that no job uses; its names stay and tell that it can be fetched again. */
  evictFile: rpc(HubHash, HubFileView, ['CONTENT_NOT_FOUND', 'CONTENT_IN_USE']),
  verify: rpc(VerifyHub, HubStatus),
  adoptFiles: rpc(AdoptFiles, AdoptedFiles, ['NO_MODELS_DIRECTORY']),
  locateContents: query(LocateContents, ContentPlaces),
})

export const downloadChanged = defineFact('downloader.download.changed', 1, DownloadChanged)
export const filePlaced = defineFact('downloader.file-placed', 1, FilePlaced)
export const hubFileChanged = defineFact('downloader.hub-file.changed', 1, HubFileChanged)
