import { openBlobs } from '@easel/blobs'
import type { BlobStore } from '@easel/blobs'
import type { BlobsConfig } from '@easel/config'

export function openBlobStore(config: BlobsConfig): Promise<BlobStore> {
  if (config.kind === 'directory') return openBlobs(`file:${config.path}`)
  const { bucket, prefix, region, credentials } = config
  const endpoint = config.endpoint ?? `https://s3.${region}.amazonaws.com`
  return openBlobs(`s3:${endpoint}/${bucket}/${prefix}?region=${encodeURIComponent(region)}`, {
    ...(credentials && {
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey.reveal(),
      },
    }),
  })
}
