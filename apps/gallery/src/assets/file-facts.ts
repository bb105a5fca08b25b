import { readMetadata } from '@easel/comfyui'
import { AppError, stringifyJson } from '@easel/protocol'
import { maxReadBytes } from '@easel/blobs'
import type { ByteSource, FileMetadata, Graph } from '@easel/comfyui'
import type { BlobStore } from '@easel/blobs'
import { cutText, maxTextBytes, ofGraph } from '../imports/imported-assets.ts'
import { mediaTypeOf } from './media-type.ts'
import { sizeOfHead } from './picture-size.ts'

/** Beyond it a document is not shown: an answer has to fit into one message. */
const maxDocument = 1024 * 1024
const maxGraph = 256 * 1024

export type StoredFile = { blob: string; bytes: number; filename: string }

/** What an uploaded file says of itself, as columns take it. */
export async function readFile(blobs: BlobStore, { blob, bytes, filename }: StoredFile) {
  const source = blobSource(blobs, { blob, bytes })
  const head = await source.read(0, maxTextBytes)
  const { mime, kind } = mediaTypeOf(head, filename)
  const { prompt: graph } = mayHoldGraph(kind) ? await readMetadata(source) : {}
  const text = graph && stringifyJson(graph)
  return {
    mime,
    kind,
    ...sizeOfHead(head),
    durationSeconds: null,
    hasAudio: null,
    text: kind === 'text' ? cutText(Buffer.from(head).toString('utf8')) : null,
    ...ofGraph(graph ?? ({} as Graph)),
    graph: text && text.length <= maxGraph ? text : null,
    metadata: null,
    thumbnail: mayHoldGraph(kind) ? 'pending' : 'none',
  }
}

/** What is only in the file: read when it is asked for, so that it is not kept twice. */
export async function readWorkflow(
  blobs: BlobStore,
  { blob, bytes, kind }: { blob: string; bytes: string; kind: string },
): Promise<{ workflow?: Record<string, unknown>; metadata: Record<string, unknown> }> {
  if (!mayHoldGraph(kind)) return { metadata: {} }
  const found = await metadataOf(blobSource(blobs, { blob, bytes: Number(bytes) }))
  const { workflow, parameters } = found
  const fits = workflow !== undefined && stringifyJson(workflow).length <= maxDocument
  return {
    ...(fits && { workflow: workflow as Record<string, unknown> }),
    metadata: {
      ...(parameters !== undefined && { parameters: parameters.slice(0, maxTextBytes) }),
      ...(workflow !== undefined && !fits && { workflowTooLarge: true }),
    },
  }
}

async function metadataOf(source: ByteSource): Promise<FileMetadata> {
  try {
    return await readMetadata(source)
  } catch (cause) {
    // The rest of what is known is not lost with the blob; who wants the bytes will be told.
    if (AppError.from(cause).code === 'not_found') return {}
    throw cause
  }
}

const mayHoldGraph = (kind: string) => ['image', 'animation', 'video', 'audio'].includes(kind)

export function blobSource(blobs: BlobStore, { blob, bytes }: { blob: string; bytes: number }): ByteSource {
  return {
    size: bytes,
    async read(offset, length) {
      const end = Math.min(offset + length, bytes)
      const parts: Buffer[] = []
      for (let start = offset; start < end; start += maxReadBytes) {
        parts.push(await blobs.readBytes(blob, { start, end: Math.min(start + maxReadBytes, end) - 1 }))
      }
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    },
  }
}
