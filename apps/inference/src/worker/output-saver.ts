import type { BlobStore } from '@easel/blobs'
import { imageSize, sniffMime } from '@easel/comfyui'
import type { ComfyClient, ComfyOutput } from '@easel/comfyui'
import type { JobOutput, NodeError, OutputKind } from '@easel/contracts'
import { AppError, stringifyJson } from '@easel/protocol'
import { setTimeout as delay } from 'node:timers/promises'
import { FileHead } from './file-head.ts'
import { nameId } from './name-id.ts'
import type { Slots } from './slots.ts'

export type OutputSaverOptions = {
  client: ComfyClient
  blobs: BlobStore
  /** Files on their way at once, for the whole worker. */
  transfers: Slots
  maxBytes: number
  jobId: string
  signal: AbortSignal
}

type Saved = Pick<JobOutput, 'kind' | 'mime' | 'width' | 'height' | 'bytes' | 'hash' | 'text' | 'filename'>
type SavedOutputs = { outputs: JobOutput[]; warnings: NodeError[] }

// The one message that tells of them all holds a megabyte.
const maxOutputs = 1_000
const maxInlineText = 8 * 1024
const maxInlineTotal = 64 * 1024
const maxName = 200
const retryWaitsMs = [50, 250, 1_000]

/** Moves what one run makes into the blob store, byte for byte, while the run may still go on. */
export class OutputSaver {
  readonly #options: OutputSaverOptions
  readonly #saves = new Map<string, Promise<Saved>>()

  constructor(options: OutputSaverOptions) {
    this.#options = options
  }

  /** A node has said what it made: its files are complete. */
  begin(outputs: readonly ComfyOutput[]): void {
    for (const output of outputs) {
      // Who asks for it at the end hears of a failure.
      if (output.file && this.#saves.size < maxOutputs) this.#save(output).catch(() => undefined)
    }
  }

  /** `outputs` in the order of their indexes. Throws when ComfyUI or the store does not answer. */
  async finish(outputs: readonly ComfyOutput[]): Promise<SavedOutputs> {
    const warnings: NodeError[] = []
    const saved = await Promise.all(
      outputs.slice(0, maxOutputs).map(async (output) => {
        try {
          return { output, saved: await this.#save(output) }
        } catch (cause) {
          const error = AppError.from(cause)
          if (error.code !== 'not_found' && error.code !== 'invalid') throw cause
          warnings.push({ path: `workflow.${output.nodeId}`, message: `${nameOf(output)}: ${error.message}` })
          return undefined
        }
      }),
    )
    if (outputs.length > maxOutputs) {
      const left = outputs.length - maxOutputs
      warnings.push({ path: 'workflow', message: `${left} outputs beyond ${maxOutputs} were left out` })
    }
    const kept = saved.filter((entry) => entry !== undefined)
    return { outputs: this.#numbered(kept), warnings }
  }

  #numbered(kept: readonly { output: ComfyOutput; saved: Saved }[]): JobOutput[] {
    let inline = 0
    return kept.map(({ output, saved: { text, ...saved } }, index) => {
      const assetId = nameId(this.#options.jobId, String(index))
      inline += text?.length ?? 0
      return {
        index,
        assetId,
        node: output.nodeId.slice(0, maxName),
        key: output.key.slice(0, maxName),
        ...saved,
        ...(text !== undefined && inline <= maxInlineTotal && { text }),
        temporary: output.temporary,
        url: `/api/assets/${assetId}/content`,
      }
    })
  }

  #save(output: ComfyOutput): Promise<Saved> {
    const key = stringifyJson([output.nodeId, output.key, output.index, output.file ?? null])
    const saving = this.#saves.get(key) ?? this.#saveOnce(output)
    this.#saves.set(key, saving)
    return saving
  }

  async #saveOnce(output: ComfyOutput): Promise<Saved> {
    using _place = await this.#options.transfers.take(this.#options.signal)
    if (!output.file) return await this.#saveBytes(output)
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#saveFile(output, output.file)
      } catch (cause) {
        const waitMs = retryWaitsMs[attempt]
        const { signal } = this.#options
        if (waitMs === undefined || signal.aborted || !AppError.from(cause).retryable) throw cause
        await delay(waitMs, undefined, { signal })
      }
    }
  }

  async #saveFile(output: ComfyOutput, file: NonNullable<ComfyOutput['file']>): Promise<Saved> {
    const { client, blobs, signal, maxBytes } = this.#options
    await using viewed = await client.view(file, { signal })
    const head = new FileHead()
    const { key, bytes } = await blobs.put(head.through(viewed.stream), {
      maxBytes,
      contentType: file.mime,
      signal,
    })
    if (viewed.size !== undefined && viewed.size !== bytes) {
      throw new AppError('unavailable', 'ComfyUI sent only a part of a file', { reason: 'FILE_CUT' })
    }
    return { ...factsOf(output, file.mime, head.bytes()), bytes, hash: key, filename: shown(file.filename) }
  }

  async #saveBytes(output: ComfyOutput): Promise<Saved> {
    const { blobs, signal, maxBytes } = this.#options
    const { mime, bytes: content } = contentOf(output)
    const { key, bytes } = await blobs.put(once(content), { maxBytes, contentType: mime, signal })
    return { ...factsOf(output, mime, content), bytes, hash: key }
  }
}

/** What came without a file: a text, a picture over the socket, or a form that nobody knows, kept as JSON. */
function contentOf({ text, data, raw }: ComfyOutput): { mime: string; bytes: Uint8Array } {
  if (data) return data
  if (text !== undefined) return { mime: 'text/plain', bytes: Buffer.from(text) }
  return { mime: 'application/json', bytes: Buffer.from(stringifyJson(raw ?? null)) }
}

function factsOf(output: ComfyOutput, named: string, head: Uint8Array): Omit<Saved, 'bytes' | 'hash'> {
  const isText = output.kind === 'text'
  const mime = isText ? named : (sniffMime(head) ?? named)
  const size = isText ? undefined : imageSize(head)
  const small = isText && named.startsWith('text/plain') && head.length <= maxInlineText
  return {
    kind: kindOf(output.kind, mime),
    mime,
    ...(size && { width: size.width, height: size.height }),
    ...(small && { text: Buffer.from(head).toString('utf8') }),
  }
}

/** A file without an extension is known by its first bytes only. */
function kindOf(kind: OutputKind, mime: string): OutputKind {
  const [family] = mime.split('/')
  const known = family === 'image' || family === 'video' || family === 'audio'
  return kind === 'other' && known ? family : kind
}

const nameOf = ({ file, key }: ComfyOutput): string => shown(file?.filename ?? key)

/** Only ever shown: without what could trick a terminal or a page. */
const shown = (filename: string): string => filename.replace(/[\p{Cc}\p{Cf}]/gu, '').slice(0, maxName)

// eslint-disable-next-line require-yield -- an async iterable of one
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
