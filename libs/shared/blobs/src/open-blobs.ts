import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { S3Client } from '@aws-sdk/client-s3'
import { AppError } from '@easel/protocol'
import type { BlobStore } from './blob-store.ts'
import { DirectoryStore } from './directory-store.ts'
import { S3Store } from './s3-store.ts'

export type OpenBlobsOptions = {
  /** For S3. Without them the SDK's own chain (environment, profile, instance role) is asked. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** Leftovers of interrupted writes are swept when older than this. Default: one day. */
  tempMaxAgeMs?: number
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * Opens the store a URL names:
 * - `file:/var/lib/easel/blobs` (also `file:relative/dir`): a directory, made if absent;
 * - `s3:https://host/bucket/prefix?region=eu-central-1`: a bucket that exists, path-style.
 *
 * A malformed URL is `invalid` / `BLOBS_URL_INVALID`.
 */
export async function openBlobs(url: string, options: OpenBlobsOptions = {}): Promise<BlobStore> {
  if (url.startsWith('file:'))
    return await DirectoryStore.open(directoryOf(url), options.tempMaxAgeMs ?? dayMs)
  if (url.startsWith('s3:')) return openS3(url.slice('s3:'.length), options)
  throw malformed()
}

function directoryOf(url: string): string {
  const path = url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length)
  if (path === '' || path.includes('\0')) throw malformed()
  return resolve(path)
}

function openS3(text: string, { credentials, tempMaxAgeMs = dayMs }: OpenBlobsOptions): BlobStore {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) throw malformed()
  const [bucket, ...folders] = url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
  if (!bucket) throw malformed()
  const client = new S3Client({
    endpoint: url.origin,
    region: url.searchParams.get('region') ?? 'us-east-1',
    forcePathStyle: true,
    credentials,
    // Newer checksums are unknown to many servers that speak S3; the signature covers each body anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
  })
  const prefix = folders.map((folder) => `${folder}/`).join('')
  return new S3Store({ client, bucket, prefix, tempMaxAgeMs })
}

/** Never echoes the URL: it may hold credentials that do not belong there. */
const malformed = (): AppError =>
  new AppError('invalid', 'The blob store is neither file:<directory> nor s3:<http(s) url>/<bucket>', {
    reason: 'BLOBS_URL_INVALID',
  })
