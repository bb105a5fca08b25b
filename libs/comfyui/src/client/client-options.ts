import type { Graph } from '../graph/graph.ts'
import type { ComfyEvent } from './run-result.ts'

export type ComfyLimits = {
  /** Deadline of a call that answers JSON, in milliseconds. */
  callMs: number
  /** Longest silence while a file is sent or received. */
  idleMs: number
  /** Largest JSON answer, in bytes (`/object_info` is 1.6 MB and grows with custom nodes). */
  answerBytes: number
  /** Largest file `view` gives. */
  viewBytes: number
  /** Largest socket frame. */
  frameBytes: number
  /** A prompt without any event for so long is looked up in `/history` and `/queue`. */
  quietMs: number
  /** How long a run waits for a server that does not answer before it gives the prompt up. */
  unreachableMs: number
}

/** What the client noticed about its server; for a log or a metric. */
export type ClientNotice =
  | { type: 'connected'; attempt: number }
  | { type: 'disconnected'; code: number; reason: string }
  | { type: 'reconnecting'; attempt: number; delayMs: number }
  | { type: 'bad-frame'; detail: string }
  /** A prompt moved on and no event said so: the socket is dead though open. */
  | { type: 'silent-socket'; promptId: string }

export type ComfyClientOptions = {
  /** `http://127.0.0.1:8188`; a path is kept as prefix. */
  baseUrl: string
  /** Two clients with one id take each other's events away: leave it out unless re-attaching. */
  clientId?: string
  /** Sent with each request and with the socket's handshake (an access token of a proxy). */
  headers?: Record<string, string>
  onNotice?: (notice: ClientNotice) => void
  limits?: Partial<ComfyLimits>
}

export type CallOptions = { signal?: AbortSignal; timeoutMs?: number }

export type SubmitRequest = {
  graph: Graph
  /** Lower-case UUID; made when left out. ComfyUI takes the same id twice without a word: do not. */
  promptId?: string
  /** `extra_pnginfo.workflow` is written into the files that come out. */
  extraData?: Record<string, unknown>
  previewMethod?: 'auto' | 'latent2rgb' | 'taesd' | 'none' | 'default'
  /** Before everything that waits. */
  front?: boolean
  /** Run only these output nodes. */
  targets?: readonly string[]
}

export type RunOptions = {
  onEvent?: (event: ComfyEvent) => void
  /** Takes the prompt out of the queue, or interrupts it if it is the one that runs. */
  signal?: AbortSignal
}

export type ViewOptions = CallOptions & {
  /** Inclusive byte range; `end` left out is to the end. */
  range?: { start: number; end?: number }
  /** Re-encoded by ComfyUI, e.g. `webp;80`. */
  preview?: string
  channel?: 'rgba' | 'rgb' | 'a'
}

export type ViewedFile = AsyncDisposable & {
  stream: AsyncIterable<Uint8Array>
  /** Bytes of this answer, when the server said. */
  size: number | undefined
  /** Bytes of the whole file; other than `size` for a range. */
  totalSize: number | undefined
  mime: string
  etag: string | undefined
}

export type UploadRequest = {
  filename: string
  body: Uint8Array | AsyncIterable<Uint8Array>
  mime?: string
  subfolder?: string
  type?: 'input' | 'output' | 'temp'
  overwrite?: boolean
}

export type RawRequestOptions = CallOptions & {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: Uint8Array | string
  contentType?: string
}
export type RawAnswer = { status: number; headers: Record<string, string>; body: Uint8Array }
