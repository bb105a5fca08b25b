import type { BlobStore } from '@easel/blobs'
import type { ComfyClient } from '@easel/comfyui'
import type { GraphJson, RunAttempt, WorkerInput } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Slots } from './slots.ts'

export type InputFilesOptions = { client: ComfyClient; blobs: BlobStore; transfers: Slots }

/** Below ComfyUI's input folder, so that nobody's own files are touched. */
const folder = 'easel'
const maxRemembered = 10_000

const extensions: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/apng': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
  'image/bmp': 'bmp',
  'image/tiff': 'tiff',
  'image/x-exr': 'exr',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
  'audio/flac': 'flac',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/ogg': 'ogg',
  'audio/mp4': 'm4a',
  'model/gltf-binary': 'glb',
  'text/plain': 'txt',
}

/** Brings the files that a graph reads from the blob store into ComfyUI's input folder, each once. */
export class InputFiles {
  readonly #options: InputFilesOptions
  readonly #uploads = new Map<string, Promise<string>>()

  constructor(options: InputFilesOptions) {
    this.#options = options
  }

  /** Another ComfyUI may stand there now, with another folder. */
  forget(): void {
    this.#uploads.clear()
  }

  /** The graph with its inputs set to the files' names in ComfyUI. */
  async place({ graph, inputs }: RunAttempt, signal: AbortSignal): Promise<GraphJson> {
    if (inputs.length === 0) return graph
    const names = await Promise.all(inputs.map((input) => this.#upload(input, signal)))
    const placed = { ...graph }
    for (const [index, { key }] of inputs.entries()) {
      const { nodeId, name } = targetOf(placed, key)
      const node = placed[nodeId]!
      placed[nodeId] = { ...node, inputs: { ...node.inputs, [name]: names[index] } }
    }
    return placed
  }

  async #upload(input: WorkerInput, signal: AbortSignal): Promise<string> {
    const filename = nameOf(input)
    const known = this.#uploads.get(filename)?.catch(() => undefined)
    const name = known && (await known)
    // It failed for somebody who was stopped, perhaps.
    if (name !== undefined) return name
    signal.throwIfAborted()
    const uploading = this.#send(input, filename, signal)
    if (this.#uploads.size >= maxRemembered) this.#uploads.clear()
    this.#uploads.set(filename, uploading)
    try {
      return await uploading
    } catch (cause) {
      this.#uploads.delete(filename)
      throw cause
    }
  }

  async #send(input: WorkerInput, filename: string, signal: AbortSignal): Promise<string> {
    const { client, blobs, transfers } = this.#options
    using _place = await transfers.take(signal)
    const body = await blobs.read(input.blob, { start: 0, signal })
    try {
      // The name is the hash of the bytes: what is there under it already is the same, or was cut short.
      const request = { filename, subfolder: folder, body, mime: input.mime, overwrite: true }
      return (await client.uploadImage(request, { signal })).inputName
    } finally {
      body.destroy()
    }
  }
}

/** Never the user's name: hash and an extension that we know. */
function nameOf({ blob, mime }: WorkerInput): string {
  const hash = /^[a-z0-9]+:([0-9a-f]{64})$/.exec(blob)?.[1]
  if (!hash) throw new AppError('invalid', 'An input names no blob', { reason: 'BLOB_KEY_INVALID' })
  const extension = Object.hasOwn(extensions, mime) ? extensions[mime] : 'bin'
  return `${hash}.${extension}`
}

/** Ids and input names may both have dots: the longest id that has the input wins. */
function targetOf(graph: GraphJson, key: string): { nodeId: string; name: string } {
  const targets = [...key.matchAll(/\./g)]
    .map(({ index }) => ({ nodeId: key.slice(0, index), name: key.slice(index + 1) }))
    .filter(({ nodeId, name }) => Object.hasOwn(graph, nodeId) && name !== '' && name !== '__proto__')
    .toReversed()
  const found = targets.find(({ nodeId, name }) => Object.hasOwn(graph[nodeId]!.inputs, name)) ?? targets[0]
  if (!found) {
    const fault = { path: `inputs.${key}`, message: 'There is no such node' }
    throw new AppError('invalid', fault.message, { reason: 'GRAPH_INVALID', faults: [fault] })
  }
  return found
}
