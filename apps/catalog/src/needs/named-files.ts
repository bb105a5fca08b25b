import { filesOfNode, modelFolderOf, readGraph } from '@easel/comfyui'
import type { Graph } from '@easel/comfyui'
import { AppError } from '@easel/protocol'
import { entriesIn } from './model-entries.ts'
import type { ModelEntry } from './model-entries.ts'
import { isUiWorkflow, nodesOfUi } from './ui-workflow.ts'

/** A file that a workflow names. */
export type NamedFile = {
  /** With `/`, as ComfyUI looks for it below its folder. */
  name: string
  folder: string | null
  nodes: string[]
  /** What the workflow itself says of it. */
  entry: ModelEntry | undefined
}

const mostFiles = 64
const longestName = 300
const mostNodesTold = 50

/** Of a graph in API format, of a workflow in UI format, or of a wrapper around either. */
export function namedFiles(workflow: Record<string, unknown>): NamedFile[] {
  const { found, documents } = readWorkflow(workflow)
  const entries = documents.flatMap(entriesIn)
  const files = new Map<string, NamedFile>()
  for (const { name, folder, node } of found) {
    if (name.length > longestName || name.includes('\0')) continue
    const entry = entryOf(name, folder, entries)
    const place = folder ?? entry?.folder ?? null
    const key = `${place ?? ''}\0${name.toLowerCase()}`
    const known = files.get(key)
    if (known && !known.nodes.includes(node) && known.nodes.length < mostNodesTold) known.nodes.push(node)
    if (!known && files.size < mostFiles) files.set(key, { name, folder: place, nodes: [node], entry })
  }
  return merged([...files.values()])
}

/** A loader of an unknown pack names what another names, too: it is the same file. */
function merged(files: readonly NamedFile[]): NamedFile[] {
  const placed = files.filter(({ folder }) => folder !== null)
  const apart = files.filter(({ folder, name, nodes }) => {
    if (folder !== null) return false
    const same = placed.find((file) => file.name.toLowerCase() === name.toLowerCase())
    if (same) same.nodes.push(...nodes.filter((node) => !same.nodes.includes(node)))
    return !same
  })
  return [...placed, ...apart]
}

type Found = { name: string; folder: string | null; node: string }

function readWorkflow(workflow: Record<string, unknown>): { found: Found[]; documents: unknown[] } {
  if (isUiWorkflow(workflow)) return { found: foundInUi(workflow), documents: [workflow] }
  try {
    const { graph, workflow: inner } = readGraph(workflow)
    return { found: foundIn(graph), documents: [workflow, inner] }
  } catch (cause) {
    const error = AppError.from(cause)
    if (error.code !== 'invalid') throw cause
    throw new AppError('invalid', error.message, {
      reason: 'WORKFLOW_INVALID',
      faults: error.extra.faults ?? [],
    })
  }
}

function foundIn(graph: Graph): Found[] {
  return Object.entries(graph).flatMap(([id, node]) => [
    ...filesOfNode(node).map(({ name, folder }) => ({ name, folder: folder ?? null, node: id })),
    ...embeddingsOf(Object.values(node.inputs), id),
  ])
}

function foundInUi(workflow: Record<string, unknown>): Found[] {
  return nodesOfUi(workflow).flatMap(({ id, type, widgets }) => {
    const inputs = Object.fromEntries(widgets.map(({ name, value }) => [name, value]))
    const files = filesOfNode({ class_type: type, inputs })
    return [
      ...files.map(({ name, folder }) => ({ name, folder: folder ?? soleFolder(type), node: id })),
      ...embeddingsOf(Object.values(inputs), id),
    ]
  })
}

/** Widgets of old files have no names, but of these loaders all files are of one kind. */
const soleFolders: Readonly<Record<string, string>> = {
  CheckpointLoaderSimple: 'ckpt_name',
  CheckpointLoader: 'ckpt_name',
  'Checkpoint Loader with Name (Image Saver)': 'ckpt_name',
  UNETLoader: 'unet_name',
  UnetLoaderGGUF: 'unet_name',
  VAELoader: 'vae_name',
  CLIPLoader: 'clip_name',
  CLIPLoaderGGUF: 'clip_name',
  ClipLoaderGGUF: 'clip_name',
  DualCLIPLoader: 'clip_name1',
  DualCLIPLoaderGGUF: 'clip_name1',
  TripleCLIPLoader: 'clip_name1',
  QuadrupleCLIPLoader: 'clip_name1',
  LoraLoader: 'lora_name',
  LoraLoaderModelOnly: 'lora_name',
  ControlNetLoader: 'control_net_name',
  DiffControlNetLoader: 'control_net_name',
  CLIPVisionLoader: 'clip_name',
  UpscaleModelLoader: 'model_name',
  'Upscale Model Loader': 'model_name',
  StyleModelLoader: 'style_model_name',
  ImageOnlyCheckpointLoader: 'ckpt_name',
  WanVideoModelLoader: 'model',
  WanVideoVAELoader: 'model_name',
  LoadWanVideoT5TextEncoder: 'model_name',
}

function soleFolder(type: string): string | null {
  if (type === 'Upscale Model Loader') return 'upscale_models'
  return Object.hasOwn(soleFolders, type) ? (modelFolderOf(type, soleFolders[type]!) ?? null) : null
}

function embeddingsOf(values: readonly unknown[], node: string): Found[] {
  const texts = values.filter((value) => typeof value === 'string').filter((text) => text.length < 200_000)
  return texts
    .flatMap((text) => [...text.matchAll(/\bembedding:([^\s,()[\]{}:]+)/g)].slice(0, mostFiles))
    .map((match) => ({ name: match[1]!.replaceAll('\\', '/'), folder: 'embeddings', node }))
}

/** By name, and by folder where both tell it. */
function entryOf(
  name: string,
  folder: string | null,
  entries: readonly ModelEntry[],
): ModelEntry | undefined {
  const base = baseOf(name)
  const same = entries.filter((entry) => baseOf(entry.name) === base)
  return same.find((entry) => entry.folder === folder) ?? same.find((entry) => !folder || !entry.folder)
}

const baseOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase()
