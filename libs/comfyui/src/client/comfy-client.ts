import type { Graph } from '../graph/graph.ts'
import type { ObjectInfo } from '../graph/object-info.ts'
import type { ComfyEvent, ComfyFileRef, RunResult } from './run-result.ts'
import type {
  HistoryEntry,
  Queue,
  ServerJob,
  Submitted,
  SystemStats,
  UploadedFile,
} from './server-answers.ts'

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

/**
 * A ComfyUI server. Calls throw `AppError`: `unavailable` COMFYUI_UNREACHABLE, `deadline` COMFYUI_TIMEOUT,
 * `invalid` GRAPH_INVALID, `not_found`, `internal` COMFYUI_PROTOCOL (an answer that is no ComfyUI's).
 */
export type ComfyClient = AsyncDisposable & {
  readonly baseUrl: string
  readonly clientId: string
  /** Is the socket open right now? */
  readonly connected: boolean

  /** Does it answer? Never throws. */
  ping(options?: CallOptions): Promise<{ ok: boolean; version?: string; latencyMs: number; error?: string }>
  systemStats(options?: CallOptions): Promise<SystemStats>
  features(options?: CallOptions): Promise<Record<string, unknown>>
  objectInfo(options?: CallOptions): Promise<ObjectInfo>
  /** One class; undefined when this server has no such class. */
  nodeInfo(classType: string, options?: CallOptions): Promise<ObjectInfo[string] | undefined>
  /** Names of the model folders. */
  modelFolders(options?: CallOptions): Promise<string[]>
  /** Files of a folder, `/` between folders whatever the server's system; throws `not_found`. */
  models(folder: string, options?: CallOptions): Promise<string[]>
  embeddings(options?: CallOptions): Promise<string[]>
  /** The safetensors `__metadata__` of a model file; undefined when it has none. */
  modelMetadata(
    folder: string,
    filename: string,
    options?: CallOptions,
  ): Promise<Record<string, unknown> | undefined>

  submit(request: SubmitRequest, options?: CallOptions): Promise<Submitted>
  /** Submits and follows to the end. Resolves for whatever the server does; rejects only when disposed. */
  run(request: SubmitRequest & RunOptions): Promise<RunResult>
  /** Follows a prompt that was submitted before (by a process that is gone). */
  watch(promptId: string, options?: RunOptions & { graph?: Graph }): Promise<RunResult>

  queue(options?: CallOptions): Promise<Queue>
  /** Running and pending together, as `/prompt` counts them: cheaper than `queue`. */
  queueRemaining(options?: CallOptions): Promise<number>
  /** One finished prompt; undefined when unknown, pending or running. */
  historyOf(promptId: string, options?: CallOptions): Promise<HistoryEntry | undefined>
  /** Oldest first. `maxItems` alone gives the newest. */
  history(page?: { maxItems?: number; offset?: number }, options?: CallOptions): Promise<HistoryEntry[]>
  /** Without an id: whatever runs, whose ever it is. With one: only if that one runs. */
  interrupt(promptId?: string, options?: CallOptions): Promise<void>
  deleteQueued(promptIds: readonly string[], options?: CallOptions): Promise<void>
  clearQueue(options?: CallOptions): Promise<void>
  /** Without ids: all of it. */
  deleteHistory(promptIds?: readonly string[], options?: CallOptions): Promise<void>
  free(what: { unloadModels?: boolean; freeMemory?: boolean }, options?: CallOptions): Promise<void>

  /** Undefined on servers without the jobs API (before 0.4). */
  jobs(query?: Record<string, string | number>, options?: CallOptions): Promise<ServerJob[] | undefined>
  /** Undefined for an unknown id too. */
  job(id: string, options?: CallOptions): Promise<ServerJob | undefined>
  cancelJob(id: string, options?: CallOptions): Promise<boolean | undefined>

  uploadImage(file: UploadRequest, options?: CallOptions): Promise<UploadedFile>
  uploadMask(file: UploadRequest & { original: ComfyFileRef }, options?: CallOptions): Promise<UploadedFile>
  /** Dispose it when the stream is not read to its end. */
  view(file: ComfyFileRef, options?: ViewOptions): Promise<ViewedFile>

  listUserData(
    directory: string,
    options?: CallOptions,
  ): Promise<{ path: string; size: number; modified: number }[]>
  readUserData(path: string, options?: CallOptions): Promise<Uint8Array | undefined>
  writeUserData(
    path: string,
    body: Uint8Array,
    options?: CallOptions & { overwrite?: boolean },
  ): Promise<void>
  deleteUserData(path: string, options?: CallOptions): Promise<void>

  /** Any other route, answered as bytes: for a proxy. `path` begins with `/`. */
  request(path: string, options?: RawRequestOptions): Promise<RawAnswer>
}

export type RawRequestOptions = CallOptions & {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: Uint8Array | string
  contentType?: string
}
export type RawAnswer = { status: number; headers: Record<string, string>; body: Uint8Array }

export function createComfyClient(_options: ComfyClientOptions): ComfyClient {
  throw new Error('Not there yet')
}
