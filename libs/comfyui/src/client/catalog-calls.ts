import { AppError } from '@easel/protocol'
import type { NodeInfo, ObjectInfo } from '../graph/object-info.ts'
import { recordOf } from './comfy-errors.ts'
import type { CallOptions } from './client-options.ts'
import type { HttpCalls } from './http-calls.ts'
import type { SystemStats } from './server-answers.ts'
import { unexpected } from './server-calls.ts'

export type Ping = { ok: boolean; version?: string; latencyMs: number; error?: string }

/** What the server is and has. */
export class CatalogCalls {
  readonly #http: HttpCalls

  constructor(http: HttpCalls) {
    this.#http = http
  }

  async ping(options: CallOptions = {}): Promise<Ping> {
    const startedAt = performance.now()
    const latencyMs = () => Math.round(performance.now() - startedAt)
    try {
      const { system } = await this.systemStats({ timeoutMs: 3_000, ...options })
      return { ok: true, version: system.comfyui_version, latencyMs: latencyMs() }
    } catch (cause) {
      return { ok: false, latencyMs: latencyMs(), error: AppError.from(cause).message }
    }
  }

  async systemStats(options: CallOptions = {}): Promise<SystemStats> {
    const path = '/api/system_stats'
    const body = recordOf(await this.#http.json(path, options))
    if (typeof recordOf(body.system).comfyui_version !== 'string' || !Array.isArray(body.devices))
      throw unexpected(path)
    return body as SystemStats
  }

  async features(options: CallOptions = {}): Promise<Record<string, unknown>> {
    return recordOf(await this.#http.json('/api/features', options))
  }

  /** Asks the file system about every model folder: slow on a network disk, so the deadline is longer. */
  async objectInfo(options: CallOptions = {}): Promise<ObjectInfo> {
    return recordOf(
      await this.#http.json('/api/object_info', { timeoutMs: 60_000, ...options }),
    ) as ObjectInfo
  }

  async nodeInfo(classType: string, options: CallOptions = {}): Promise<NodeInfo | undefined> {
    const path = `/api/object_info/${encodeURIComponent(classType)}`
    const body = recordOf(await this.#http.json(path, options)) as ObjectInfo
    return Object.hasOwn(body, classType) ? body[classType] : undefined
  }

  async modelFolders(options: CallOptions = {}): Promise<string[]> {
    return strings(await this.#http.json('/api/models', options))
  }

  async models(folder: string, options: CallOptions = {}): Promise<string[]> {
    const names = strings(await this.#http.json(`/api/models/${encodeURIComponent(folder)}`, options))
    return names.map((name) => name.replaceAll('\\', '/'))
  }

  async embeddings(options: CallOptions = {}): Promise<string[]> {
    return strings(await this.#http.json('/api/embeddings', options))
  }

  async modelMetadata(
    { folder, filename }: { folder: string; filename: string },
    options: CallOptions = {},
  ): Promise<Record<string, unknown> | undefined> {
    try {
      const path = `/api/view_metadata/${encodeURIComponent(folder)}`
      return recordOf(await this.#http.json(path, { ...options, query: { filename } }))
    } catch (cause) {
      if (cause instanceof AppError && cause.code === 'not_found') return undefined
      throw cause
    }
  }

  async queueRemaining(options: CallOptions = {}): Promise<number> {
    const path = '/api/prompt'
    const { queue_remaining: remaining } = recordOf(recordOf(await this.#http.json(path, options)).exec_info)
    if (typeof remaining !== 'number') throw unexpected(path)
    return remaining
  }

  async free(
    what: { unloadModels?: boolean; freeMemory?: boolean },
    options: CallOptions = {},
  ): Promise<void> {
    const json = { unload_models: what.unloadModels === true, free_memory: what.freeMemory === true }
    await this.#http.json('/api/free', { ...options, method: 'POST', json })
  }
}

const strings = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])
