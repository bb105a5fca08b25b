import { isLink, unwrapped, type Graph, type GraphValue } from './graph.ts'
import { inputSpecsOf, type InputSpec } from './input-spec.ts'
import { modelFolderOf, isModelName } from './model-folders.ts'
import { nodeInfoOf, type ObjectInfo } from './object-info.ts'

export type GraphInputFile = {
  nodeId: string
  input: string
  /** As in the graph: `subfolder/name.png`, perhaps with ` [output]`. */
  value: string
  filename: string
  subfolder: string
  type: 'input' | 'output' | 'temp'
}

export type GraphModel = {
  nodeId: string
  classType: string
  input: string
  /** As in the graph, folders included, with `/`. */
  filename: string
  /** ComfyUI's model folder, where the class or the input's name tells it. */
  folder?: string
  /** Does this server list the file? Undefined when its class is unknown. */
  present?: boolean
}

/** Stock nodes and the most used packs, for graphs whose classes this server does not have. */
const fileInputs: Readonly<Record<string, string>> = {
  LoadImage: 'image',
  LoadImageMask: 'image',
  LoadImageOutput: 'image',
  LoadAudio: 'audio',
  LoadVideo: 'file',
  Load3D: 'model_file',
  VHS_LoadVideo: 'video',
  VHS_LoadAudioUpload: 'audio',
}

/** Files of the input folder that a graph reads. */
export function inputFilesOf(graph: Graph, objectInfo: ObjectInfo = {}): GraphInputFile[] {
  return textInputs(graph, objectInfo).flatMap(({ nodeId, classType, input, value, spec }) => {
    const upload =
      spec && ['image_upload', 'video_upload', 'audio_upload', 'file_upload'].some((key) => spec.options[key])
    const known = Object.hasOwn(fileInputs, classType) && fileInputs[classType] === input
    if ((!upload && !known) || value === '' || value === 'none') return []
    const folder = spec?.options.image_folder
    const fallback =
      folder === 'output' || folder === 'temp' || classType === 'LoadImageOutput' ? 'output' : 'input'
    return [{ nodeId, input, value, ...splitName(value, fallback) }]
  })
}

/** Model files that a graph names, embeddings in texts among them. */
export function modelsOf(graph: Graph, objectInfo: ObjectInfo = {}): GraphModel[] {
  return textInputs(graph, objectInfo).flatMap(({ nodeId, classType, input, value, spec }) => {
    const at = { nodeId, classType, input }
    const isText = spec ? spec.kind === 'STRING' : value.includes('embedding:')
    if (isText) {
      const names = [...value.matchAll(/\bembedding:([^\s,()[\]{}:]+)/g)].map((match) => match[1]!)
      return names.map((filename): GraphModel => ({ ...at, filename, folder: 'embeddings' }))
    }
    const folder = modelFolderOf(classType, input)
    if (spec && spec.kind !== 'COMBO') return []
    if (!isModelName(value) && (folder === undefined || !spec || listsNoFiles(spec))) return []
    const present = spec?.choices && spec.choices.includes(value)
    return [{ ...at, filename: value.replaceAll('\\', '/'), folder, present }]
  })
}

/** `pixel_space` among the VAEs is a choice but no file. */
function listsNoFiles({ choices = [] }: InputSpec): boolean {
  return choices.every((choice) => typeof choice !== 'string' || !isModelName(choice))
}

type TextInput = { nodeId: string; classType: string; input: string; value: string; spec?: InputSpec }

function textInputs(graph: Graph, objectInfo: ObjectInfo): TextInput[] {
  return Object.entries(graph).flatMap(([nodeId, node]) => {
    const info = nodeInfoOf(objectInfo, node.class_type)
    const specs = new Map((info ? inputSpecsOf(info, node.inputs) : []).map((spec) => [spec.name, spec]))
    return Object.entries(node.inputs).flatMap(([input, value]) =>
      textsOf(value).map((text) => ({
        nodeId,
        classType: node.class_type,
        input,
        value: text,
        spec: specs.get(input),
      })),
    )
  })
}

function textsOf(value: GraphValue): string[] {
  if (isLink(value)) return []
  const inner = unwrapped(value)
  return (Array.isArray(inner) ? inner : [inner]).filter((item) => typeof item === 'string')
}

/** `sub/name.png [temp]` → its parts (folder_paths.annotated_filepath of ComfyUI). */
function splitName(value: string, fallback: GraphInputFile['type']) {
  const match = /^(.*?)\s*\[(input|output|temp)\]$/s.exec(value)
  const path = (match?.[1] ?? value).replaceAll('\\', '/')
  const slash = path.lastIndexOf('/')
  return {
    filename: path.slice(slash + 1),
    subfolder: slash < 0 ? '' : path.slice(0, slash),
    type: (match?.[2] as GraphInputFile['type'] | undefined) ?? fallback,
  }
}
