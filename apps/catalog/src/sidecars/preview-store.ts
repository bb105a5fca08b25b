import { Readable } from 'node:stream'
import { join } from 'node:path'
import type { BlobStore } from '@easel/blobs'
import type { Database } from '@easel/database'
import sharp from 'sharp'
import { readPlainFile } from './read-besides.ts'

const longestPicture = 32 * 1024 * 1024
const mostPixels = 64_000_000
/** Longest side of the small picture. */
const side = 512
const timeoutSeconds = 20
const graceHours = 1

/**
 * Small pictures of model files, kept as blobs: `sha256:` ones, for the `blake3:` ones are the gallery's to remove.
 * Each key is put down before its blob is written, so that one that nothing names any more is found and removed.
 */
export class PreviewStore {
  private readonly blobs: BlobStore
  private readonly database: Database

  constructor(blobs: BlobStore, database: Database) {
    this.blobs = blobs
    this.database = database
  }

  /** The key of the first of the pictures that is one; null when none is. */
  async put(folder: string, names: readonly string[]): Promise<string | null> {
    for (const name of names) {
      const bytes = await readPlainFile(join(folder, name), longestPicture)
      const small = bytes && isPicture(bytes) ? await shrink(bytes) : undefined
      if (small) return await this.keep(small)
    }
    return null
  }

  /** Removes what no file names any more. */
  async sweep(): Promise<void> {
    const { rows } = await this.database.query<{ key: string }>(
      `delete from previews where created_at < now() - $1 * interval '1 hour'
         and not exists (select from files where files.preview = previews.key) returning key`,
      [graceHours],
    )
    for (const { key } of rows) await this.blobs.delete(key)
  }

  private async keep(bytes: Buffer): Promise<string> {
    const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))
    const key = `sha256:${Buffer.from(hash).toString('hex')}`
    await this.database.query(
      `insert into previews (key) values ($1) on conflict (key) do update set created_at = now()`,
      [key],
      { name: 'preview-put' },
    )
    await this.blobs.put(Readable.from([bytes]), { expected: key, contentType: 'image/webp' })
    return key
  }
}

/** What libvips would take for SVG or something stranger must not come to it. */
function isPicture(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 12).toString('latin1')
  return /^(\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF[^]{4}WEBP)/.test(head)
}

/** `undefined` for what cannot be decoded. */
async function shrink(bytes: Buffer): Promise<Buffer | undefined> {
  try {
    return await sharp(bytes, { limitInputPixels: mostPixels, failOn: 'error', pages: 1 })
      .autoOrient()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .webp({ quality: 82, effort: 2 })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer()
  } catch {
    return undefined // broken or hostile: the model has no picture
  }
}
