import { randomUUID } from 'node:crypto'
import { newId } from '@easel/protocol'
import type { Graph } from '../graph/graph.ts'
import type { ObjectInfo } from '../graph/object-info.ts'
import { CatalogCalls } from './catalog-calls.ts'
import type {
  CallOptions,
  ComfyClientOptions,
  ComfyLimits,
  RawAnswer,
  RawRequestOptions,
  RunOptions,
  SubmitRequest,
  UploadRequest,
  ViewOptions,
  ViewedFile,
} from './client-options.ts'
import { ComfyRuns } from './comfy-runs.ts'
import { FileCalls } from './file-calls.ts'
import { HttpCalls } from './http-calls.ts'
import { ServerCalls } from './server-calls.ts'
import type { ComfyFileRef, RunResult } from './run-result.ts'
import type {
  HistoryEntry,
  Queue,
  ServerJob,
  Submitted,
  SystemStats,
  UploadedFile,
} from './server-answers.ts'

/**
 * A ComfyUI server. Calls throw `AppError`: `unavailable` COMFYUI_UNREACHABLE, `deadline` COMFYUI_TIMEOUT,
 * `invalid` GRAPH_INVALID, `not_found`, `internal` COMFYUI_PROTOCOL (an answer that is no ComfyUI's).
 */
export type ComfyClient = AsyncDisposable & {
  readonly baseUrl: string
  readonly clientId: string
  /** Is the socket open right now? */
  readonly connected: boolean

  /** Opens the socket now and keeps it open; true once it is, false when that takes longer. */
  connect(waitMs?: number): Promise<boolean>
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

  /** Undefined on servers without the jobs API (0.3 has none). */
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

const defaults: ComfyLimits = {
  callMs: 15_000,
  idleMs: 60_000,
  answerBytes: 64 * 2 ** 20,
  viewBytes: 16 * 2 ** 30,
  frameBytes: 128 * 2 ** 20,
  quietMs: 1_000,
  unreachableMs: 30_000,
}

/** Nothing is opened yet: the socket opens with the first `run`, `watch` or `connect`, and then stays. */
export function createComfyClient(options: ComfyClientOptions): ComfyClient {
  const limits = { ...defaults, ...options.limits }
  const http = new HttpCalls(options.baseUrl, options.headers ?? {}, limits)
  const clientId = options.clientId ?? randomUUID()
  const calls = new ServerCalls(http, clientId)
  const files = new FileCalls(http, limits)
  const catalog = new CatalogCalls(http)
  const onNotice = options.onNotice ?? (() => {})
  const runs = new ComfyRuns({ http, calls, clientId, limits, onNotice })

  return {
    baseUrl: http.baseUrl,
    clientId,
    get connected() {
      return runs.socket.connected
    },
    connect: (waitMs = limits.callMs) => runs.socket.connect(waitMs),
    ping: (call) => catalog.ping(call),
    systemStats: (call) => catalog.systemStats(call),
    features: (call) => catalog.features(call),
    objectInfo: (call) => catalog.objectInfo(call),
    nodeInfo: (classType, call) => catalog.nodeInfo(classType, call),
    modelFolders: (call) => catalog.modelFolders(call),
    models: (folder, call) => catalog.models(folder, call),
    embeddings: (call) => catalog.embeddings(call),
    modelMetadata: (folder, filename, call) => catalog.modelMetadata({ folder, filename }, call),
    submit: (request, call) => calls.submit({ ...request, promptId: request.promptId ?? newId() }, call),
    run: (request) => runs.run(request),
    watch: (promptId, watched = {}) => runs.watch(promptId, watched),
    queue: (call) => calls.queue(call),
    queueRemaining: (call) => catalog.queueRemaining(call),
    historyOf: (promptId, call) => calls.historyOf(promptId, call),
    history: (page, call) => calls.history(page, call),
    interrupt: (promptId, call) => calls.interrupt(promptId, call),
    deleteQueued: (promptIds, call) => calls.change('queue', promptIds, call),
    clearQueue: (call) => calls.change('queue', 'all', call),
    deleteHistory: (promptIds, call) => calls.change('history', promptIds ?? 'all', call),
    free: (what, call) => catalog.free(what, call),
    jobs: (query, call) => calls.jobs(query, call),
    job: (id, call) => calls.job(id, call),
    cancelJob: (id, call) => calls.cancelJob(id, call),
    uploadImage: (file, call) => files.uploadImage(file, call),
    uploadMask: (file, call) => files.uploadMask(file, call),
    view: (file, viewed) => files.view(file, viewed),
    listUserData: (directory, call) => files.listUserData(directory, call),
    readUserData: (path, call) => files.readUserData(path, call),
    writeUserData: (path, body, call) => files.writeUserData(path, body, call),
    deleteUserData: (path, call) => files.deleteUserData(path, call),
    request: (path, { contentType, ...call } = {}) =>
      http.bytes(path, { ...call, headers: contentType ? { 'content-type': contentType } : undefined }),
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      runs[Symbol.dispose]()
    },
  }
}
