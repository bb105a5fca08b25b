import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { imageSize, sniffMime } from '@easel/comfyui'
import { thumbnailSizes } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { BlobStore } from '@easel/blobs'
import type { ThumbnailSize } from '@easel/contracts'
import { blobSource } from '../assets/file-facts.ts'
import { harmlessMime } from '../assets/media-type.ts'
import { pictureSize } from '../assets/picture-size.ts'
import { ProgramError } from './run-program.ts'
import { maxPixels, thumbnailImages } from './thumbnail-images.ts'
import { isProbed, posterFrame, probe } from './video.ts'
import type { MediaFacts } from './media.repository.ts'
import type { Encoded } from './thumbnail-images.ts'
import type { Programs } from './video.ts'

export type Examined = {
  state: 'ready' | 'none' | 'failed'
  facts: MediaFacts
  images: readonly Encoded[]
  /** Why it failed, or why there is none. */
  reason?: string
}

export type Content = { blob: string; bytes: number; mime: string }

export type Examination = {
  content: Content
  /** Of the thumbnails to be made. */
  sizes: readonly ThumbnailSize[]
}

const headBytes = 256 * 1024
const maxImageBytes = 256 * 1024 * 1024
const maxVideoBytes = 4 * 1024 * 1024 * 1024
const decoded = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif', 'image/tiff'])
const unknown: MediaFacts = { mime: null, width: null, height: null, durationSeconds: null, hasAudio: null }

/**
 * Looks into the bytes: what they are, how large, and how they look in small. Whatever is in them ends as a state;
 * only a failure of the store is thrown.
 */
export async function examine(
  blobs: BlobStore,
  programs: Programs,
  { content, sizes }: Examination,
): Promise<Examined> {
  if (content.bytes === 0) return without('failed', 'it is empty')
  const head = await blobSource(blobs, content).read(0, headBytes)
  const sniffed = sniffMime(head)
  if (sniffed === undefined) return without('failed', 'it is neither a picture nor a video')
  const mime = harmlessMime(sniffed)
  const facts = { ...unknown, mime }
  if (decoded.has(mime)) return examineImage(blobs, { content, sizes }, { facts, head })
  if (isProbed(mime)) return withProgramErrors(facts, () => examineVideo(blobs, programs, { content, mime }))
  return without('none', `${mime} has no picture`, facts)
}

function without(state: 'none' | 'failed', reason: string, facts: MediaFacts = unknown): Examined {
  return { state, facts, images: [], reason }
}

async function examineImage(
  blobs: BlobStore,
  { content, sizes }: Examination,
  { facts, head }: { facts: MediaFacts; head: Uint8Array },
): Promise<Examined> {
  const size = imageSize(head)
  const sized = { ...facts, ...pictureSize(size) }
  // From the header, before anything large is read.
  if (size && size.width * size.height > maxPixels) return without('failed', 'it has too many pixels', sized)
  if (content.bytes > maxImageBytes) return without('failed', 'the file is too large', sized)
  const isWhole = head.length === content.bytes
  const bytes = Buffer.from(isWhole ? head : await blobSource(blobs, content).read(0, content.bytes))
  try {
    const { width, height, images } = await thumbnailImages(bytes, sizes)
    return { state: 'ready', facts: { ...facts, width, height }, images }
  } catch (cause) {
    return without('failed', cause instanceof Error ? cause.message : String(cause), sized)
  }
}

type Video = { content: Content; mime: string }

async function examineVideo(
  blobs: BlobStore,
  programs: Programs,
  { content, mime }: Video,
): Promise<Examined> {
  if (content.bytes > maxVideoBytes) return without('failed', 'the file is too large', { ...unknown, mime })
  const folder = await mkdtemp(join(tmpdir(), 'easel-poster-'))
  try {
    const path = join(folder, 'input')
    await pipeline(await blobs.read(content.blob), createWriteStream(path, { mode: 0o600 }))
    const found = await probe(programs, path, mime)
    const facts = { ...found, mime }
    if (found.width === null) return without('none', 'it has no pictures', facts)
    const frame = await posterFrame(programs, path, { mime, durationSeconds: found.durationSeconds })
    // In all sizes at once: the frame cost more than they do.
    const { images } = await thumbnailImages(frame, thumbnailSizes)
    return { state: 'ready', facts, images }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function withProgramErrors(facts: MediaFacts, work: () => Promise<Examined>): Promise<Examined> {
  try {
    return await work()
  } catch (cause) {
    // A store that does not answer, or a full disk, says nothing of the content.
    if (cause instanceof AppError || (cause as NodeJS.ErrnoException).syscall !== undefined) throw cause
    if (cause instanceof ProgramError && cause.missing) return without('none', 'FFMPEG_MISSING', facts)
    return without('failed', cause instanceof Error ? cause.message : String(cause), facts)
  }
}
