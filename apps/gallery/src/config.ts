import { blobsConfig, databaseConfig, natsConfig, readConfig, runtimeConfig } from '@easel/config'
import type { BlobsConfig, DatabaseConfig, Env, NatsConfig, Reader, RuntimeConfig } from '@easel/config'
import type { HousekeepingSettings } from './storage/housekeeper.ts'
import type { Programs } from './thumbnails/video.ts'

export type GalleryConfig = {
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly blobs: BlobsConfig
  readonly runtime: RuntimeConfig
  readonly programs: Programs
  readonly thumbnailLeaseMs: number
  readonly housekeeping: HousekeepingSettings
  /** Answers are checked against the contract. */
  readonly validateOutputs: boolean
}

export function loadConfig(env: Env): GalleryConfig {
  return readConfig(env, gallerySettings)
}

export function gallerySettings(read: Reader): GalleryConfig {
  const program = (name: string, normal: string) =>
    read.string(name, { default: normal, help: `The ${normal} to use for videos: a name or a path.` })
  return {
    database: {
      ...databaseConfig(read),
      poolSize: read.integer('EASEL_GALLERY_POOL_SIZE', {
        default: 10,
        min: 4,
        max: 200,
        help: 'Postgres connections of one gallery.',
      }),
    },
    nats: { ...natsConfig(read), prefix: '' },
    blobs: blobsConfig(read),
    runtime: runtimeConfig(read),
    programs: { ffmpeg: program('EASEL_FFMPEG', 'ffmpeg'), ffprobe: program('EASEL_FFPROBE', 'ffprobe') },
    thumbnailLeaseMs: 10 * 60_000,
    housekeeping: {
      graceMs: read.duration('EASEL_GALLERY_GRACE', {
        default: '1m',
        help: 'How long the bytes of a deleted asset stay.',
      }),
      removeEveryMs: 10_000,
      sweepEveryMs: read.duration('EASEL_GALLERY_SWEEP', {
        default: '1h',
        help: 'How often to look for contents and blobs that nothing refers to.',
      }),
      orphanAgeMs: read.duration('EASEL_GALLERY_ORPHAN_AGE', {
        default: '1d',
        help: 'How old a blob without a row must be to count as left behind.',
      }),
    },
    validateOutputs: false,
  }
}
