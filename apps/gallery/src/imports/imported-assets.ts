import { sniffMime } from '@easel/comfyui'
import type { JobOutput, OutputsMade } from '@easel/contracts'
import { stringifyJson } from '@easel/protocol'
import type { Graph } from '@easel/comfyui'
import { storable } from '../assets/asset-row.ts'
import { generationFacts } from '../assets/generation-facts.ts'
import { harmlessMime } from '../assets/media-type.ts'
import { pictureSize, sizeOfHead } from '../assets/picture-size.ts'
import type { NewAsset } from '../assets/asset-row.ts'

/** Kinds that have a picture, or at least a length that is found by the way. */
const withPictures: ReadonlySet<string> = new Set(['image', 'animation', 'video', 'audio'])

export const maxTextBytes = 64 * 1024

/** What is asked of the blob store during an import: at most the beginning, and only where it is needed. */
export type ReadHead = (blob: string, bytes: number) => Promise<Uint8Array>

/** The assets that a settled job made, in the order of its outputs. */
export async function importedAssets(made: OutputsMade, readHead: ReadHead): Promise<NewAsset[]> {
  const graph = made.graph as unknown as Graph
  const text = stringifyJson(graph)
  return Promise.all(
    made.job.outputs.map(async (output) => ({
      ...ofJob(made, output),
      ...(await ofBytes(output, readHead)),
      ...ofGraph(graph, output.node),
      graph: text,
    })),
  )
}

function ofJob({ job }: OutputsMade, output: JobOutput) {
  const { node, key, temporary } = output
  const { workflowVersion = null, retryOf = null, pool } = job
  return {
    id: output.assetId,
    spaceId: job.spaceId,
    createdBy: job.createdBy,
    kind: output.kind,
    origin: 'job',
    filename: output.filename ? storable(output.filename).slice(0, 255) : null,
    jobId: job.id,
    outputIndex: output.index,
    workflowId: job.workflowId ?? null,
    sessionId: job.sessionId ?? null,
    tags: [],
    metadata: storable(JSON.stringify({ node, key, temporary, pool, workflowVersion, retryOf })),
  }
}

async function ofBytes(output: JobOutput, readHead: ReadHead) {
  const { kind, hash, bytes } = output
  const isPicture = kind === 'image' || kind === 'animation'
  const unsized = isPicture && !(output.width && output.height)
  const unread = kind === 'text' && typeof output.text !== 'string'
  const head = unsized || unread ? await readHead(hash, unread ? maxTextBytes : 4096) : undefined
  const { width, height } = unsized && head ? sizeOfHead(head) : pictureSize(output)
  const text = unread && head ? Buffer.from(head).toString('utf8') : (output.text ?? null)
  return {
    blob: hash,
    bytes,
    mime: harmlessMime((head && sniffMime(head)) ?? (kind === 'text' ? 'text/plain' : output.mime)),
    width,
    height,
    durationSeconds: null,
    hasAudio: null,
    text: text === null ? null : cutText(text),
    thumbnail: withPictures.has(kind) ? 'pending' : 'none',
  }
}

/** At most so many bytes, and no half character at the end. */
export function cutText(text: string): string {
  const bytes = Buffer.from(storable(text))
  if (bytes.length <= maxTextBytes) return bytes.toString('utf8')
  return new TextDecoder().decode(bytes.subarray(0, maxTextBytes), { stream: true })
}

/** As columns take them. */
export function ofGraph(graph: Graph, node?: string) {
  const facts = generationFacts(graph, node)
  const clean = (text: string | null) => (text === null ? null : storable(text))
  return {
    prompt: clean(facts.prompt),
    negativePrompt: clean(facts.negativePrompt),
    models: facts.models.map(storable),
    loras: facts.loras.map(storable),
    sampler: clean(facts.sampler),
    scheduler: clean(facts.scheduler),
    seed: facts.seed,
    steps: facts.steps,
    cfg: facts.cfg,
  }
}
