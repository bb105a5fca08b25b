import { createHash } from 'node:crypto'
import type { BlobStore } from '@easel/blobs'
import type { BusLog } from '@easel/bus'
import type { ComfyClient } from '@easel/comfyui'
import { AppError, stringifyJson } from '@easel/protocol'
import { modulesOf } from './environment.ts'

export type NodeDefinitionsOptions = { client: ComfyClient; blobs: BlobStore; log: BusLog }

type Stored = { hash: string; blob: string; modules: string }

const everyMs = 5 * 60_000
/** A workflow with a node that ComfyUI does not have may be one that it has by now. */
const doubtMs = 30_000

/** ComfyUI's `/object_info`, as a blob. It changes with node packs and with the model files that are there. */
export class NodeDefinitions {
  readonly #options: NodeDefinitionsOptions
  #stored: Stored | undefined
  #seen = ''
  #lookedAt = -Infinity
  #reading: Promise<void> | undefined

  constructor(options: NodeDefinitionsOptions) {
    this.#options = options
  }

  get stored(): Stored | undefined {
    return this.#stored
  }

  /** ComfyUI was started anew: what is known counts until it is read again. */
  expire(): void {
    this.#lookedAt = -Infinity
  }

  doubt(): void {
    this.#lookedAt = Math.min(this.#lookedAt, performance.now() - everyMs + doubtMs)
  }

  /** Reads them when it is time to. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#lookedAt < everyMs) return
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    await this.#reading
  }

  async #read(): Promise<void> {
    const { client, blobs, log } = this.#options
    // Parsing 1.6 MB keeps everything else waiting: only for what is new.
    const answer = await client.request('/object_info', { timeoutMs: 60_000 })
    if (answer.status !== 200) {
      throw new AppError('unavailable', 'ComfyUI does not tell its nodes', { reason: 'COMFYUI_PROTOCOL' })
    }
    const seen = createHash('sha256').update(answer.body).digest('hex')
    // The sweep of the blob store takes what no asset refers to, once it is old: then it is put again.
    const kept = this.#stored && (await blobs.stat(this.#stored.blob))
    if (seen !== this.#seen || !kept) {
      const info = await client.objectInfo()
      const text = stringifyJson(info)
      const { key } = await blobs.put(once(Buffer.from(text)), { contentType: 'application/json' })
      log.info({ hash: key, bytes: text.length }, 'read the node definitions of ComfyUI')
      this.#stored = { hash: key, blob: key, modules: modulesOf(info) }
      this.#seen = seen
    }
    this.#lookedAt = performance.now()
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
