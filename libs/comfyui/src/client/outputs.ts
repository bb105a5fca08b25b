import { mimeOfName } from '../metadata/sniff.ts'
import type { ComfyFileRef, ComfyOutput, OutputKind } from './run-result.ts'

const modelExtensions = new Set(['glb', 'gltf', 'obj', 'fbx', 'stl', 'ply', 'usdz', 'splat', 'spz', 'ksplat'])
const animatable = new Set(['png', 'apng', 'webp', 'avif'])

/** What one node gave, nothing left out: what has no known form is kept as `other` with its `raw`. */
export function outputsOfNode(nodeId: string, output: unknown): ComfyOutput[] {
  if (typeof output !== 'object' || output === null) return []
  const animated = flagOf((output as { animated?: unknown }).animated)
  return Object.entries(output).flatMap(([key, value]) => {
    if (key === 'animated') return [] // a mark on the others
    const items: unknown[] = Array.isArray(value) ? value : [value]
    return items.map((raw, index) => ({ nodeId, key, index, raw, ...read(key, raw, animated) }))
  })
}

type Read = Pick<ComfyOutput, 'kind' | 'file' | 'text' | 'temporary'>

function read(key: string, raw: unknown, animated: boolean): Read {
  const ref = fileOf(raw) ?? (typeof raw === 'string' ? modelPath(raw) : undefined)
  if (ref) {
    const kind = kindOf(ref.filename, key, animated)
    return { kind, file: { ...ref, mime: mimeOfName(ref.filename) }, temporary: ref.type === 'temp' }
  }
  if (typeof raw === 'string') return { kind: 'text', text: raw, temporary: false }
  return { kind: 'other', temporary: false }
}

function fileOf(raw: unknown): ComfyFileRef | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const { filename, subfolder, type } = raw as Record<string, unknown>
  if (typeof filename !== 'string' || filename === '') return undefined
  return {
    filename,
    subfolder: typeof subfolder === 'string' ? subfolder : '',
    type: type === 'temp' || type === 'input' ? type : 'output',
  }
}

/** Preview3D names its file by a path below the output folder. */
function modelPath(text: string): ComfyFileRef | undefined {
  if (!modelExtensions.has(extensionOf(text)) || text.length > 1_000 || text.includes('\n')) return undefined
  const parts = text.split(/[\\/]/)
  const filename = parts.pop()!
  return { filename, subfolder: parts.join('/'), type: 'output' }
}

/** By extension first: custom nodes put anything under `images` or `gifs`. */
function kindOf(filename: string, key: string, animated: boolean): OutputKind {
  const extension = extensionOf(filename)
  if (extension === 'gif') return 'animation'
  if (animatable.has(extension) && animated) return 'animation'
  if (extension === 'latent') return 'latent'
  if (modelExtensions.has(extension)) return 'model3d'
  const [family] = mimeOfName(filename).split('/')
  if (family === 'image' || family === 'video' || family === 'audio' || family === 'text') return family
  if (extension === 'json') return 'text'
  if (extension !== '') return 'other'
  return key === 'images' ? 'image' : key === 'audio' ? 'audio' : 'other'
}

export function extensionOf(filename: string): string {
  const dot = filename.lastIndexOf('.')
  return dot < 0 ? '' : filename.slice(dot + 1).toLowerCase()
}

const flagOf = (value: unknown) => (Array.isArray(value) ? value.includes(true) : value === true)
