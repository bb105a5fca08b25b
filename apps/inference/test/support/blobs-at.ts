import { openBlobs } from '@easel/blobs'
import type { BlobStore } from '@easel/blobs'

export function blobStoreAt(path: string): Promise<BlobStore> {
  return openBlobs(`file:${path}`)
}
