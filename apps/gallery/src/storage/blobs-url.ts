import type { OpenBlobsOptions } from '@easel/blobs'
import type { BlobsConfig } from '@easel/config'

/** The settings as `openBlobs` takes them. */
export function blobsUrl(config: BlobsConfig): [url: string, options: OpenBlobsOptions] {
  if (config.kind === 'directory') return [`file:${config.path}`, {}]
  const { bucket, prefix, region, credentials } = config
  const endpoint = config.endpoint ?? `https://s3.${region}.amazonaws.com`
  const url = new URL(`${endpoint.replace(/\/+$/, '')}/${bucket}/${prefix}`)
  url.searchParams.set('region', region)
  if (!credentials) return [`s3:${url.href}`, {}]
  const { accessKeyId, secretAccessKey } = credentials
  return [`s3:${url.href}`, { credentials: { accessKeyId, secretAccessKey: secretAccessKey.reveal() } }]
}
