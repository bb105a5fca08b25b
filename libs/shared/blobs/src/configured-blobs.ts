import { openBlobs } from './open-blobs.ts'
import type { BlobStore } from './blob-store.ts'
import type { BlobsConfig } from '@easel/config'

/** The store that the setting `EASEL_BLOBS` names. */
export function openConfiguredBlobs(config: BlobsConfig): Promise<BlobStore> {
  if (config.kind === 'directory') return openBlobs(`file:${config.path}`)
  const { bucket, prefix, region, endpoint, credentials } = config
  const base = (endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, '')
  return openBlobs(`s3:${base}/${bucket}/${prefix}?region=${encodeURIComponent(region)}`, {
    ...(credentials && {
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey.reveal(),
      },
    }),
  })
}
