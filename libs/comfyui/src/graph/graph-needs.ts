import { createHash } from 'node:crypto'
import { isLink, type Graph, type GraphNode, type GraphValue } from './graph.ts'
import { isModelName, modelFolderOf } from './model-folders.ts'

export type ModelFiles = {
  /** Those that decide where a graph is warm: checkpoints, diffusion models, text encoders, VAEs, ControlNets, … */
  models: string[]
  loras: string[]
}

/** How much there is to compute. What a graph does not say is taken for 1024 × 1024, one image, 20 steps. */
export type GraphWork = {
  width: number
  height: number
  batch: number
  frames: number
  /** Of all samplers together; 0 in a graph that samples nothing. */
  steps: number
  /** Megapixels × batch × frames × steps. Two graphs of one kind take time in this proportion. */
  units: number
}

/** What is known of a graph's cost before it has run. */
export type GraphNeeds = ModelFiles & {
  work: GraphWork
  /** The same for graphs that differ in texts and seeds only: models, LoRAs, size, steps and node classes. */
  signature: string
  /** The same for graphs that differ in size and LoRAs, too. */
  coarse: string
}

/** So many names are kept, of so many characters at most: more is no graph that somebody made. */
const maxFiles = 64
const maxName = 300
const maxSide = 32_768
const maxCount = 100_000
const maxHops = 8

export function needsOf(graph: Graph): GraphNeeds {
  const files = modelFilesOf(graph)
  const work = workOf(graph)
  const classes = Object.values(graph)
    .map((node) => node.class_type)
    .toSorted()
  const models = files.models.toSorted()
  const { width, height, batch, frames, steps } = work
  const exact = [models, files.loras.toSorted(), width, height, batch, frames, steps, classes]
  return {
    ...files,
    work,
    signature: digestOf(exact),
    coarse: digestOf([models, [...new Set(classes)]]),
  }
}

/**
 * Files of models that the nodes of a graph load, each once, in the order of the graph. Known by the loader's
 * input or its class, and by the file's ending; a path is told with `/`, as on every system but one.
 */
export function modelFilesOf(graph: Graph): ModelFiles {
  const models = new Set<string>()
  const loras = new Set<string>()
  for (const node of Object.values(graph)) {
    for (const { name, lora } of filesOfNode(node)) {
      const files = lora ? loras : models
      if (files.size < maxFiles) files.add(name)
    }
  }
  return { models: [...models], loras: [...loras] }
}

export type NodeFile = {
  /** As the graph names it, with `/`. */
  name: string
  lora: boolean
  /** ComfyUI's model folder, where the class or the input's name tells it. */
  folder: string | undefined
}

/** Of one node: what a loader of ComfyUI reads when it runs. */
export function filesOfNode({ class_type: classType, inputs }: GraphNode): NodeFile[] {
  const files: NodeFile[] = []
  for (const [input, value] of Object.entries(inputs)) {
    for (const text of textsIn(value)) {
      const folder = modelFolderOf(classType, input)
      if (!isModelName(text) || text.length > maxName || (folder === undefined && !isLoader(classType)))
        continue
      const lora = folder === 'loras' || (folder === undefined && /lora/i.test(`${classType} ${input}`))
      files.push({ name: text.replaceAll('\\', '/'), lora, folder: folder ?? (lora ? 'loras' : undefined) })
    }
  }
  return files
}

const isLoader = (classType: string): boolean => /load/i.test(classType)

/** A text, or those of a value with a switch (`{ on: true, lora: 'x.safetensors' }`, as some packs have them). */
function textsIn(value: GraphValue): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  if (Object.hasOwn(value, 'on') && value.on === false) return []
  return Object.values(value).filter((item) => typeof item === 'string')
}

export function workOf(graph: Graph): GraphWork {
  const canvas = canvasOf(graph)
  const steps = stepsOf(graph)
  const megapixels = (canvas.width * canvas.height) / 2 ** 20
  // What samples nothing passes over its pixels once.
  return { ...canvas, steps, units: megapixels * canvas.batch * canvas.frames * Math.max(1, steps) }
}

type Canvas = Pick<GraphWork, 'width' | 'height' | 'batch' | 'frames'>

/** The largest of those that a graph begins with. */
function canvasOf(graph: Graph): Canvas {
  let largest: Canvas | undefined
  let repeats = 1
  for (const node of Object.values(graph)) {
    const read = (input: string, most: number) => numberAt(graph, node, { input, most })
    if (/RepeatLatentBatch|RepeatImageBatch/.test(node.class_type)) {
      repeats = Math.min(maxCount, repeats * (read('amount', maxCount) ?? 1))
    }
    if (!/latent|empty|tovideo/i.test(node.class_type)) continue
    const width = read('width', maxSide)
    const height = read('height', maxSide)
    if (width === undefined || height === undefined) continue
    const batch = read('batch_size', maxCount) ?? 1
    const frames = read('length', maxCount) ?? 1
    const canvas = { width, height, batch, frames }
    if (!largest || sizeOf(canvas) > sizeOf(largest)) largest = canvas
  }
  const canvas = largest ?? { width: 1024, height: 1024, batch: 1, frames: 1 }
  return { ...canvas, batch: Math.min(maxCount, canvas.batch * repeats) }
}

const sizeOf = ({ width, height, batch, frames }: Canvas): number => width * height * batch * frames

const isSampling = (classType: string): boolean => /sampl|schedul/i.test(classType)

function stepsOf(graph: Graph): number {
  let steps = 0
  let sampled = false
  for (const node of Object.values(graph)) {
    if (!isSampling(node.class_type)) continue
    sampled ||= /sampler/i.test(node.class_type)
    const own = numberAt(graph, node, { input: 'steps', most: maxCount })
    if (own === undefined) continue
    // KSamplerAdvanced does a part of them.
    const from = numberAt(graph, node, { input: 'start_at_step', most: maxCount }) ?? 0
    const to = numberAt(graph, node, { input: 'end_at_step', most: maxCount }) ?? own
    steps = Math.min(maxCount, steps + Math.max(0, Math.min(own, to) - from))
  }
  return steps === 0 && sampled ? 20 : steps
}

/** A whole number from 0 to `most`: of the input itself, or of the value node that it is linked to. */
function numberAt(
  graph: Graph,
  node: GraphNode,
  { input, most }: { input: string; most: number },
): number | undefined {
  let at: GraphNode | undefined = node
  let name = input
  for (let hops = 0; at && hops < maxHops; hops++) {
    const value: GraphValue | undefined = Object.hasOwn(at.inputs, name) ? at.inputs[name] : undefined
    if (!isLink(value)) return wholeNumber(value, most)
    at = Object.hasOwn(graph, value[0]) ? graph[value[0]] : undefined
    name = 'value'
  }
  return undefined
}

/** Numbers as texts are numbers to ComfyUI, too. */
function wholeNumber(value: GraphValue | undefined, most: number): number | undefined {
  const isNumeral =
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    (typeof value === 'string' && /^\s*\d{1,18}\s*$/.test(value))
  if (!isNumeral) return undefined
  const number = Math.round(Number(value))
  return Number.isNaN(number) ? undefined : Math.min(most, Math.max(0, number))
}

const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
