import { defineFact, defineService, Done, query, rpc } from '@easel/protocol'
import { ById, Nothing } from '../page.ts'
import {
  CreateDownload,
  DownloadChanged,
  DownloadPage,
  DownloadSettings,
  DownloadView,
  FilePlaced,
  ListDownloads,
  UpdateDownloadSettings,
} from './download.messages.ts'

export const downloader = defineService('downloader', 1, {
  createDownload: rpc(CreateDownload, DownloadView, [
    'URL_FORBIDDEN',
    'FILENAME_INVALID',
    'SPACE_NOT_FOUND',
    'DISK_FULL',
    'FILE_EXISTS',
    'NO_MODELS_DIRECTORY',
  ]),
  listDownloads: query(ListDownloads, DownloadPage),
  getDownload: query(ById, DownloadView, ['DOWNLOAD_NOT_FOUND']),
  pauseDownload: rpc(ById, DownloadView, ['DOWNLOAD_NOT_FOUND', 'DOWNLOAD_FINISHED']),
  resumeDownload: rpc(ById, DownloadView, ['DOWNLOAD_NOT_FOUND', 'DOWNLOAD_FINISHED']),
  retryDownload: rpc(ById, DownloadView, ['DOWNLOAD_NOT_FOUND', 'DOWNLOAD_NOT_FAILED']),
  /** Frees the slot within a second and removes the partial file. */
  cancelDownload: rpc(ById, Done, ['DOWNLOAD_NOT_FOUND']),
  getSettings: query(Nothing, DownloadSettings),
  updateSettings: rpc(UpdateDownloadSettings, DownloadSettings),
})

export const downloadChanged = defineFact('downloader.download.changed', 1, DownloadChanged)
export const filePlaced = defineFact('downloader.file-placed', 1, FilePlaced)
