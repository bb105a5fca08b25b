import {
  assetChanged,
  collectionChanged,
  downloadChanged,
  hubFileChanged,
  jobChanged,
  libraryFileChanged,
  modelChanged,
} from '@easel/contracts'
import { factSubject } from '@easel/protocol'
import type {
  AssetChanged,
  CollectionChanged,
  DownloadChanged,
  HubFileChanged,
  JobChanged,
  LibraryFileChanged,
  ModelChanged,
} from '@easel/contracts'
import type { Delivery } from '@easel/bus'
import type { Happening } from './activity.repository.ts'

type Told = Omit<Happening, 'eventId'>

const readers: Readonly<Record<string, (payload: object) => Told>> = {
  [factSubject(jobChanged)]: (payload) => {
    const { event, job, webhookUrl } = payload as JobChanged
    return { type: event, spaceId: job.spaceId, subject: job.id, data: job, webhookUrl }
  },
  [factSubject(assetChanged)]: (payload) => {
    const { event, asset } = payload as AssetChanged
    return { type: event, spaceId: asset.spaceId, subject: asset.id, data: asset }
  },
  [factSubject(downloadChanged)]: (payload) => {
    const { event, download } = payload as DownloadChanged
    return { type: event, spaceId: download.spaceId, subject: download.id, data: download }
  },
  [factSubject(libraryFileChanged)]: (payload) => {
    const { event, file } = payload as LibraryFileChanged
    return { type: event, spaceId: null, subject: file.id, data: file }
  },
  [factSubject(modelChanged)]: (payload) => {
    const { event, update } = payload as ModelChanged
    return { type: event, spaceId: null, subject: `${update.source}:${update.modelId}`, data: update }
  },
  [factSubject(collectionChanged)]: (payload) => {
    const { event, collection } = payload as CollectionChanged
    return { type: event, spaceId: collection.spaceId, subject: collection.id, data: collection }
  },
  [factSubject(hubFileChanged)]: (payload) => {
    const { event, file } = payload as HubFileChanged
    return { type: event, spaceId: null, subject: file.sha256, data: file }
  },
}

/** What is for the eyes of users; most facts are between services. */
export const shownFacts = [
  jobChanged,
  assetChanged,
  downloadChanged,
  libraryFileChanged,
  hubFileChanged,
  modelChanged,
  collectionChanged,
]

/** Of one of `shownFacts`. */
export function happeningOf({ id, subject, payload }: Delivery): Happening {
  const read = readers[subject]
  if (!read) throw new TypeError(`Nothing here reads ${subject}`)
  return { eventId: id, ...read(payload) }
}
