import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import S3rver from 's3rver'
import { openBlobs } from '../../src/index.ts'
import type { BlobStore, OpenBlobsOptions } from '../../src/index.ts'

export type TestStore = { blobs: BlobStore; folder: string; url: string } & AsyncDisposable

export async function startDirectory(options: OpenBlobsOptions = {}): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-'))
  const url = `file:${join(folder, 'store')}`
  const blobs = await openBlobs(url, options)
  return { blobs, folder: join(folder, 'store'), url, [Symbol.asyncDispose]: () => stop(blobs, folder) }
}

export const s3Credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }

/** s3rver: an S3 server on a directory, written by others. */
export async function startS3(options: OpenBlobsOptions = {}): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-s3-'))
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: folder,
    configureBuckets: [{ name: 'bucket' }],
  })
  const { port } = await server.run()
  const url = `s3:http://127.0.0.1:${port}/bucket/some/prefix?region=eu-central-1`
  const blobs = await openBlobs(url, { credentials: s3Credentials, ...options })
  const close = async () => {
    await stop(blobs, folder)
    await server.close()
  }
  return { blobs, folder, url, [Symbol.asyncDispose]: close }
}

async function stop(blobs: BlobStore, folder: string): Promise<void> {
  await blobs[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}

/** Bytes nobody else has, cut into pieces of no particular size. */
export const someBytes = (length: number): Buffer => randomBytes(length)

export async function* inPieces(bytes: Buffer, size = 60_001): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

export const collect = async (stream: Readable): Promise<Buffer> => Buffer.concat(await stream.toArray())

export const sha256Key = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`
