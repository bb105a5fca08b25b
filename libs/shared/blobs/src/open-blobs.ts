import type { BlobStore } from './blob-store.ts'

export type OpenBlobsOptions = {
  /** For S3. Without them the SDK's own chain (environment, profile, instance role) is asked. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** Leftovers of interrupted writes are swept when older than this. Default: one day. */
  tempMaxAgeMs?: number
}

/**
 * Opens the store a URL names:
 * - `file:/var/lib/easel/blobs` (also `file:relative/dir`): a directory, made if absent;
 * - `s3:https://host/bucket/prefix?region=eu-central-1`: a bucket that exists, path-style.
 *
 * A malformed URL is `invalid` / `BLOBS_URL_INVALID`.
 */
export function openBlobs(url: string, options: OpenBlobsOptions = {}): Promise<BlobStore> {
  return Promise.reject(new Error(`No store for ${url} (${Object.keys(options).join()})`))
}
