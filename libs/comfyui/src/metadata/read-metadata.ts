import type { Graph } from '../graph/graph.ts'

/** Random access to a file of any size. `read` may give fewer bytes only at the end. */
export type ByteSource = { size: number; read(offset: number, length: number): Promise<Uint8Array> }

export type FileMetadata = {
  /** The API graph. */
  prompt?: Graph
  /** The UI document. */
  workflow?: unknown
  /** What AUTOMATIC1111 and its kin write: prompt and settings as text. */
  parameters?: string
}

/** PNG, WebP, JPEG, MP4/MOV, WebM/MKV, FLAC, MP3. Never throws for what is in the file; `{}` when there is nothing. */
export function readMetadata(_file: Uint8Array | ByteSource): Promise<FileMetadata> {
  throw new Error('Not there yet')
}
