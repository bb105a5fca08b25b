import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3'

/** S3 copies at most 5 GiB in one request. */
const wholeCopyBytes = 5 * 1024 ** 3
const partBytes = 1024 ** 3

export type Copy = { bucket: string; from: string; to: string; bytes: number; contentType?: string }

/** Inside the bucket and without the bytes passing through us. `to` is visible only when it is complete. */
export async function copyObject(client: S3Client, copy: Copy): Promise<void> {
  const { bucket: Bucket, to: Key, contentType: ContentType } = copy
  const CopySource = `${Bucket}/${copy.from.split('/').map(encodeURIComponent).join('/')}`
  if (copy.bytes <= wholeCopyBytes) {
    await client.send(new CopyObjectCommand({ Bucket, Key, CopySource }))
    return
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType }))
  try {
    const Parts: CompletedPart[] = []
    for (let start = 0; start < copy.bytes; start += partBytes) {
      const end = Math.min(start + partBytes, copy.bytes) - 1
      const part = { Bucket, Key, UploadId, CopySource, PartNumber: Parts.length + 1 }
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({ ...part, CopySourceRange: `bytes=${start}-${end}` }),
      )
      Parts.push({ PartNumber: part.PartNumber, ETag: CopyPartResult?.ETag })
    }
    await client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    )
  } catch (cause) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    throw cause
  }
}
