import { createClient } from '@easel/bus'
import { worker } from '@easel/contracts'
import { AppError, parseJson } from '@easel/protocol'
import type { BlobStore } from '@easel/blobs'
import type { Bus } from '@easel/bus'
import { offeredModels } from '@easel/comfyui'
import type { ObjectInfo, OfferedModels } from '@easel/comfyui'
import type { KnownClasses } from '../scheduling/snapshot.ts'
import type { NodeDefinitionsRepository } from './node-definitions.repository.ts'

/** A worker, and the hash of its node definitions. */
export type Definer = { id: string; definitions: string | null }

export type NodeDefinitionsOptions = {
  bus: Bus
  blobs: BlobStore
  repository: NodeDefinitionsRepository
  onLoaded: () => void
}

type Known = { info: ObjectInfo; classes: ReadonlySet<string>; models: OfferedModels }

/** A real server's answer is 1.6 MB and grows with custom nodes. */
const maxBytes = 64 * 2 ** 20
const maxKept = 16
const askMs = 5_000

/** ComfyUI's `/object_info` of the workers, by hash. Each is read once: from its blob, else from the worker. */
export class NodeDefinitions implements KnownClasses {
  private readonly options: NodeDefinitionsOptions
  private readonly known = new Map<string, Known>()
  private readonly loading = new Map<string, Promise<void>>()

  constructor(options: NodeDefinitionsOptions) {
    this.options = options
  }

  get(hash: string): ReadonlySet<string> | undefined {
    return this.known.get(hash)?.classes
  }

  modelsOf(hash: string): OfferedModels | undefined {
    return this.known.get(hash)?.models
  }

  /** Starts reading what is not known yet. */
  want(definers: readonly Definer[]): void {
    for (const definer of definers) void this.ensure(definer)
  }

  /** The different definitions among these workers; those that cannot be read are left out. */
  async infosOf(definers: readonly Definer[]): Promise<ObjectInfo[]> {
    await Promise.all(definers.map((definer) => this.ensure(definer)))
    const hashes = new Set(definers.map(({ definitions }) => definitions))
    return [...hashes].map((hash) => this.known.get(hash ?? '')?.info).filter((info) => info !== undefined)
  }

  private async ensure({ id, definitions: hash }: Definer): Promise<void> {
    if (hash === null || this.known.has(hash)) return
    const loading = this.loading.get(hash) ?? this.load(hash, id).finally(() => this.loading.delete(hash))
    this.loading.set(hash, loading)
    await loading
  }

  private async load(hash: string, workerId: string): Promise<void> {
    const { bus, repository, onLoaded } = this.options
    try {
      const stored = await repository.findBlob(hash)
      const info = (stored && (await this.read(stored))) ?? (await this.ask(hash, workerId))
      if (!info) return
      if (this.known.size >= maxKept) this.known.delete([...this.known.keys()][0] ?? '')
      this.known.set(hash, { info, classes: new Set(Object.keys(info)), models: offeredModels(info) })
      onLoaded()
    } catch (cause) {
      bus.log.warn({ err: cause, worker: workerId, hash }, 'node definitions could not be read')
    }
  }

  private async ask(hash: string, workerId: string): Promise<ObjectInfo | undefined> {
    const { bus, repository } = this.options
    const reply = await createClient(bus, worker, workerId).getObjectInfo({}, { timeoutMs: askMs })
    // It has changed since the beat: the next beat tells its new hash.
    if (reply.hash !== hash) return undefined
    const info = await this.read(reply.blob)
    if (info) await repository.save(hash, reply.blob)
    return info
  }

  private async read(blob: string): Promise<ObjectInfo | undefined> {
    const { blobs } = this.options
    const found = await blobs.stat(blob)
    if (!found) return undefined
    if (found.bytes > maxBytes)
      throw new AppError('invalid', 'The node definitions are too large', { reason: 'TOO_LARGE' })
    const parts: Uint8Array[] = []
    for await (const part of await blobs.read(blob)) parts.push(part as Uint8Array)
    const parsed = parseJson(Buffer.concat(parts).toString('utf8'))
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new AppError('invalid', 'The node definitions are no object', { reason: 'INVALID_INPUT' })
    }
    return parsed as ObjectInfo
  }
}
