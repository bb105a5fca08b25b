import { AppError } from '@easel/protocol'
import type { Graph } from '../graph/graph.ts'
import { readGraph } from '../graph/read-graph.ts'
import { parsePythonJson } from '../python-json.ts'
import { flacTags, id3Tags } from './audio-tags.ts'
import { sourceOf, type ByteSource } from './byte-source.ts'
import { exifTexts } from './exif.ts'
import { isoMediaTags } from './iso-media.ts'
import { jpegSegments } from './jpeg.ts'
import { matroskaTags } from './matroska.ts'
import { oggTags } from './ogg.ts'
import { pngTags } from './png.ts'
import { sniffMime } from './sniff.ts'
import type { TextTag } from './text-tags.ts'
import { webpTexts } from './webp.ts'

export type FileMetadata = {
  /** The API graph. */
  prompt?: Graph
  /** The UI document. */
  workflow?: unknown
  /** What AUTOMATIC1111 and its kin write: prompt and settings as text. */
  parameters?: string
}

/** Segments of a JPEG before its picture; EXIF of 64 kB each, several at most. */
const jpegHeadBytes = 2 ** 20

/**
 * What ComfyUI wrote into a file it made: PNG, WebP, JPEG, MP4, MOV, WebM, MKV, FLAC, MP3, Ogg. Never throws
 * for what is in the file; `{}` when there is nothing. Reads only the parts that can hold it.
 */
export async function readMetadata(file: Uint8Array | ByteSource): Promise<FileMetadata> {
  const source = file instanceof Uint8Array ? sourceOf(file) : file
  const tags = await tagsOf(source)
  const find = (name: string) => tags.find(({ key }) => key.toLowerCase() === name)?.text
  const comment = asRecord(jsonOf(find('comment')))
  return withoutUndefined({
    prompt: graphOf(jsonOf(find('prompt')) ?? comment.prompt),
    workflow: workflowOf(jsonOf(find('workflow')) ?? comment.workflow),
    parameters: find('parameters'),
  })
}

async function tagsOf(source: ByteSource): Promise<TextTag[]> {
  const head = await source.read(0, 64)
  const mime = sniffMime(head) ?? ''
  switch (mime) {
    case 'image/png':
      return pngTags(source)
    case 'image/webp':
      return prefixed(await webpTexts(source))
    case 'image/jpeg':
      return prefixed(jpegTexts(await source.read(0, jpegHeadBytes)))
    case 'video/webm':
    case 'video/x-matroska':
      return matroskaTags(source)
    case 'video/mp4':
    case 'video/quicktime':
    case 'audio/mp4':
      return isoMediaTags(source)
    case 'audio/flac':
      return flacTags(source)
    case 'audio/mpeg':
      return id3Tags(source)
    case 'audio/ogg':
      return oggTags(source)
    default:
      return []
  }
}

function jpegTexts(head: Uint8Array): string[] {
  return [...jpegSegments(head)]
    .filter(({ marker }) => marker === 0xe1)
    .flatMap(({ data }) => exifTexts(data))
}

/** In EXIF there is no free name for a text, so ComfyUI writes `Prompt:{…}` and `Workflow:{…}`. */
function prefixed(texts: readonly string[]): TextTag[] {
  return texts.map((text) => {
    const match = /^(prompt|workflow):/i.exec(text)
    return match ? { key: match[1]!, text: text.slice(match[0].length) } : { key: 'parameters', text }
  })
}

function jsonOf(text: string | undefined): unknown {
  if (!text?.trimStart().startsWith('{')) return undefined
  try {
    return parsePythonJson(text)
  } catch (cause) {
    // Deep nesting overflows the reviver; either way this is no graph.
    if (cause instanceof SyntaxError || cause instanceof RangeError) return undefined
    throw cause
  }
}

function graphOf(document: unknown): Graph | undefined {
  const parsed = typeof document === 'string' ? jsonOf(document) : document
  if (parsed === undefined) return undefined
  try {
    return readGraph(parsed).graph
  } catch (cause) {
    if (cause instanceof AppError && cause.reason === 'GRAPH_INVALID') return undefined
    throw cause
  }
}

function workflowOf(document: unknown): unknown {
  const parsed = typeof document === 'string' ? jsonOf(document) : document
  return typeof parsed === 'object' && parsed !== null ? parsed : undefined
}

function withoutUndefined(metadata: FileMetadata): FileMetadata {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined))
}

const asRecord = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
