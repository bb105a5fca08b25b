import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { AppError } from '@easel/protocol'
import { blobError, blobNotFound, isAbsent, rangeNotSatisfiable, resolveRange } from './blob-errors.ts'
import { isBlobKey, parseKey } from './blob-key.ts'
import { maxReadBytes } from './blob-store.ts'
import type { BlobEntry, BlobKey, BlobStore, ByteRange } from './blob-store.ts'
import type { PresignOptions, PutOptions, PutResult } from './blob-store.ts'
import { Intake } from './intake.ts'
import { copyObject } from './s3-copy.ts'

/** Up to here a blob is held in memory, hashed, and sent in one request. */
const wholeBytes = 8 * 1024 * 1024
/** 10,000 parts is S3's limit, so this is enough for 160 GB. */
const partBytes = 16 * 1024 * 1024

export type S3Place = { client: S3Client; bucket: string; prefix: string; tempMaxAgeMs: number }

/**
 * Objects are named `<prefix><algorithm>/<64 digits>`. S3 shows an object only when it is complete, so what
 * remains is to complete it only when its hash is known: a small blob is hashed before it is sent; a large one
 * with an expected key fails its upload when the hash is another; a large one without goes to
 * `<prefix>incoming/<uuid>` and is copied by the server.
 */
export class S3Store implements BlobStore {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #prefix: string
  readonly #tempMaxAgeMs: number

  constructor({ client, bucket, prefix, tempMaxAgeMs }: S3Place) {
    this.#client = client
    this.#bucket = bucket
    this.#prefix = prefix
    this.#tempMaxAgeMs = tempMaxAgeMs
  }

  async put(source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<PutResult> {
    const intake = new Intake(source, options)
    try {
      const head = await intake.take(wholeBytes)
      if (intake.ended) return await this.#putWhole(head, intake, options)
      return options.expected === undefined
        ? await this.#putUnnamed(head, intake, options)
        : await this.#putExpected(head, intake, { ...options, expected: options.expected })
    } catch (cause) {
      intake.abandon()
      throw blobError(cause, options.signal)
    }
  }

  async stat(key: BlobKey): Promise<{ bytes: number } | undefined> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#object(key)))
      return { bytes: head.ContentLength ?? 0 }
    } catch (cause) {
      if (isAbsent(cause)) return undefined
      throw blobError(cause)
    }
  }

  async read(key: BlobKey, range?: ByteRange): Promise<Readable> {
    const object = this.#object(key)
    try {
      const answer = await this.#client.send(
        new GetObjectCommand({ ...object, Range: range && rangeHeader(range) }),
        { abortSignal: range?.signal },
      )
      const body = answer.Body as Readable
      if (range && !answer.ContentRange?.startsWith(`bytes ${range.start}-`)) {
        body.destroy()
        throw unusable(new Error('The server ignored the range'))
      }
      return body
    } catch (cause) {
      const empty = range?.start === 0 && isInvalidRange(cause) && (await this.stat(key))?.bytes === 0
      if (empty) return Readable.from([])
      throw blobError(cause, range?.signal)
    }
  }

  async readBytes(key: BlobKey, range: ByteRange): Promise<Buffer> {
    rangeHeader(range)
    const asked = (range.end ?? Infinity) - range.start + 1
    if (asked > maxReadBytes && (await this.#lengthOf(key, range)) > maxReadBytes) {
      throw new AppError('invalid', `At most ${maxReadBytes} bytes at once`, { reason: 'RANGE_TOO_LARGE' })
    }
    try {
      return Buffer.concat(await (await this.read(key, range)).toArray())
    } catch (cause) {
      throw blobError(cause, range.signal)
    }
  }

  async delete(key: BlobKey): Promise<void> {
    const object = this.#object(key)
    try {
      await this.#client.send(new DeleteObjectCommand(object))
    } catch (cause) {
      if (!isAbsent(cause)) throw blobError(cause)
    }
  }

  async presignGet(key: BlobKey, options: PresignOptions): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#object(key),
      ResponseContentType: options.contentType,
      ResponseContentDisposition: options.filename === undefined ? undefined : attachment(options.filename),
    })
    return await getSignedUrl(this.#client, command, { expiresIn: options.expiresSeconds })
  }

  async *list(prefix = ''): AsyncIterable<BlobEntry> {
    for await (const { name, bytes, modifiedAt } of this.#names(prefix.replace(':', '/'))) {
      const key = name.replace('/', ':')
      if (isBlobKey(key) && key.startsWith(prefix)) yield { key, bytes, modifiedAt }
    }
  }

  async sweep(): Promise<{ removed: number }> {
    const oldest = Date.now() - this.#tempMaxAgeMs
    let removed = 0
    try {
      for await (const { name, modifiedAt } of this.#names('incoming/')) {
        if (modifiedAt.getTime() > oldest) continue
        await this.#remove(name)
        removed += 1
      }
      return { removed: removed + (await this.#abortUploads(oldest)) }
    } catch (cause) {
      throw blobError(cause)
    }
  }

  async check(): Promise<void> {
    const name = `incoming/${randomUUID()}`
    const object = { Bucket: this.#bucket, Key: this.#prefix + name }
    try {
      await this.#client.send(new PutObjectCommand({ ...object, Body: 'easel' }))
      const { Body } = await this.#client.send(new GetObjectCommand(object))
      if ((await Body?.transformToString()) !== 'easel') {
        throw new Error('The store does not give back what was written')
      }
      await this.#remove(name)
    } catch (cause) {
      // Also a missing bucket is a store that cannot be used, and no missing blob.
      throw isAbsent(cause) ? unusable(cause) : blobError(cause)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy()
    return Promise.resolve()
  }

  async #putWhole(bytes: Buffer, intake: Intake, options: PutOptions): Promise<PutResult> {
    const key = intake.finish()
    const existed = (await this.stat(key))?.bytes === bytes.length
    if (!existed) {
      await this.#client.send(
        new PutObjectCommand({ ...this.#object(key), Body: bytes, ContentType: options.contentType }),
        { abortSignal: options.signal },
      )
    }
    return { key, bytes: bytes.length, existed }
  }

  async #putExpected(head: Buffer, intake: Intake, options: PutOptions & { expected: BlobKey }) {
    const key = options.expected
    const existing = await this.stat(key)
    if (existing) {
      // Already here, but the caller is told about the bytes it sent, so they are read and judged.
      for await (const _ of rest(head, intake));
    } else {
      await this.#upload(this.#object(key).Key, rest(head, intake), options)
    }
    return { key, bytes: intake.bytes, existed: existing !== undefined }
  }

  async #putUnnamed(head: Buffer, intake: Intake, options: PutOptions): Promise<PutResult> {
    const temp = `incoming/${randomUUID()}`
    let key = ''
    try {
      await this.#upload(
        this.#prefix + temp,
        rest(head, intake, (found) => (key = found)),
        options,
      )
      const existed = (await this.stat(key))?.bytes === intake.bytes
      if (!existed) {
        const place = { bucket: this.#bucket, from: this.#prefix + temp, to: this.#object(key).Key }
        const { contentType } = options
        await copyObject(this.#client, { ...place, bytes: intake.bytes, contentType })
      }
      return { key, bytes: intake.bytes, existed }
    } finally {
      await this.#remove(temp)
    }
  }

  /** A source that throws aborts the upload, and its parts go with it. */
  async #upload(
    Key: string,
    source: AsyncIterable<Buffer>,
    { contentType, signal }: PutOptions,
  ): Promise<void> {
    const abortController = new AbortController()
    const abort = () => abortController.abort()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const Body = Readable.from(source, { objectMode: false })
      const params = { Bucket: this.#bucket, Key, Body, ContentType: contentType }
      await new Upload({
        client: this.#client,
        params,
        partSize: partBytes,
        queueSize: 2,
        abortController,
      }).done()
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  async *#names(prefix: string): AsyncIterable<{ name: string; bytes: number; modifiedAt: Date }> {
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: this.#prefix + prefix },
    )
    for await (const { Contents = [] } of pages) {
      for (const { Key = '', Size = 0, LastModified = new Date(0) } of Contents) {
        yield { name: Key.slice(this.#prefix.length), bytes: Size, modifiedAt: LastModified }
      }
    }
  }

  async #abortUploads(oldest: number): Promise<number> {
    const Bucket = this.#bucket
    let removed = 0
    let page: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
    while (page) {
      const found = await this.#uploads(page)
      for (const { Key, UploadId, Initiated } of found?.Uploads ?? []) {
        if (!Initiated || Initiated.getTime() > oldest) continue
        await this.#client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
        removed += 1
      }
      page = found?.IsTruncated
        ? { KeyMarker: found.NextKeyMarker, UploadIdMarker: found.NextUploadIdMarker }
        : undefined
    }
    return removed
  }

  async #uploads(page: { KeyMarker?: string; UploadIdMarker?: string }) {
    try {
      return await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: this.#prefix, ...page }),
      )
    } catch (cause) {
      // Some servers that speak S3 have no such listing, and expire unfinished uploads by themselves.
      if (cause instanceof Error && cause.name === 'NotImplemented') return undefined
      throw cause
    }
  }

  async #remove(name: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + name }))
  }

  async #lengthOf(key: BlobKey, range: ByteRange): Promise<number> {
    const facts = await this.stat(key)
    if (!facts) throw blobNotFound()
    const { start, end } = resolveRange(range, facts.bytes)
    return end - start + 1
  }

  #object(key: BlobKey): { Bucket: string; Key: string } {
    const { algorithm, hex } = parseKey(key)
    return { Bucket: this.#bucket, Key: `${this.#prefix}${algorithm}/${hex}` }
  }
}

/** The verdict comes as the last act of the stream: a consumer that saw its end has the right bytes. */
async function* rest(head: Buffer, intake: Intake, found?: (key: BlobKey) => void): AsyncGenerator<Buffer> {
  let next = head
  while (next.length > 0) {
    yield next
    next = await intake.take(1024 * 1024)
  }
  const key = intake.finish()
  found?.(key)
}

function rangeHeader({ start, end = Infinity }: ByteRange): string {
  if (!Number.isSafeInteger(start) || start < 0 || end < start) throw rangeNotSatisfiable()
  return `bytes=${start}-${Number.isFinite(end) ? end : ''}`
}

const isInvalidRange = (cause: unknown): boolean => cause instanceof Error && cause.name === 'InvalidRange'

const unusable = (cause: unknown): AppError =>
  new AppError('unavailable', 'The blob store does not answer', { reason: 'BLOBS_UNAVAILABLE', cause })

/** RFC 6266 with the encoding of RFC 8187: nothing of the name can end the header or the value. */
const attachment = (filename: string): string =>
  `attachment; filename*=UTF-8''${encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )}`
