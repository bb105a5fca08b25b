import { modelFolders } from '@easel/contracts'
import type { ModelFolder, ModelType } from '@easel/contracts'
import type { SourceFile } from '../sources/source-model.ts'

/** Where ComfyUI looks for a model of a type. */
export const folderOfType: Readonly<Record<ModelType, ModelFolder>> = {
  checkpoint: 'checkpoints',
  'diffusion-model': 'diffusion_models',
  lora: 'loras',
  locon: 'loras',
  dora: 'loras',
  embedding: 'embeddings',
  vae: 'vae',
  'text-encoder': 'text_encoders',
  'clip-vision': 'clip_vision',
  controlnet: 'controlnet',
  upscaler: 'upscale_models',
  'motion-module': 'other',
  hypernetwork: 'hypernetworks',
  detection: 'other',
  workflow: 'other',
  wildcards: 'other',
  poses: 'other',
  other: 'other',
}

/** CivitAI's kinds of files that say more than the type of their model. */
const folderOfRole: Readonly<Record<string, ModelFolder>> = {
  vae: 'vae',
  'text encoder': 'text_encoders',
  'vision encoder': 'clip_vision',
  clipvision: 'clip_vision',
  unet: 'diffusion_models',
  'diffusion model': 'diffusion_models',
  controlnet: 'controlnet',
  upscaler: 'upscale_models',
  'enhancement lora': 'loras',
  negative: 'embeddings',
  'training data': 'other',
  archive: 'other',
  workflow: 'other',
}

/** Where models of a type go in this installation. */
export type FoldersOfTypes = { folderOf(type: ModelType): string }

const usual: FoldersOfTypes = { folderOf: (type) => folderOfType[type] }

/** Of a file of CivitAI. What is quantized for GGUF holds the diffusion model alone. */
export function folderOfFile(
  type: ModelType,
  file: Pick<SourceFile, 'role' | 'format'>,
  folders = usual,
): string {
  const role = file.role?.toLowerCase() ?? ''
  if (Object.hasOwn(folderOfRole, role)) return folderOfRole[role]!
  const kind = type === 'checkpoint' && file.format === 'gguf' ? 'diffusion-model' : type
  return folders.folderOf(kind)
}

const folderNames: ReadonlyMap<string, ModelFolder> = new Map<string, ModelFolder>([
  ...modelFolders.filter((name) => name !== 'other').map((name): [string, ModelFolder] => [name, name]),
  ['checkpoint', 'checkpoints'],
  ['lora', 'loras'],
  ['unet', 'diffusion_models'],
  ['transformer', 'diffusion_models'],
  ['clip', 'text_encoders'],
  ['text_encoder', 'text_encoders'],
  ['text_encoder_2', 'text_encoders'],
  ['text_encoder_3', 'text_encoders'],
  ['image_encoder', 'clip_vision'],
  ['upscalers', 'upscale_models'],
])

/** What names of files say, the most telling first. */
const folderOfName: readonly (readonly [RegExp, ModelFolder])[] = [
  [/lora|lycoris|adapter_model/, 'loras'],
  [/clip[_-]?vision|image[_-]?encoder|sigclip/, 'clip_vision'],
  [/text[_-]?encoder|t5xxl|umt5|t5[_-]|clip[_-][lgh]\b|llava|gemma|qwen.*vl/, 'text_encoders'],
  [/(^|[_.-])vae([_.-]|$)|(^|[_-])ae\.|taesd|autoencoder/, 'vae'],
  [/control[_-]?(net|lora)|controlnet|t2i[_-]?adapter/, 'controlnet'],
  [/upscal|esrgan|swinir|(^|[_-])[248]x[_-]|real[_-]?web[_-]?photo/, 'upscale_models'],
]

/**
 * Of a file of a repository: by the folder it lies in, where that is one of ComfyUI's, else by its name, else by
 * what the repository is.
 */
export function folderOfPath(path: string, type: ModelType, folders = usual): string {
  const parts = path.toLowerCase().split('/')
  const name = parts.pop()!
  for (const part of parts.toReversed()) {
    const folder = folderNames.get(part)
    if (folder) return folder
  }
  const named = folderOfName.find(([pattern]) => pattern.test(name))?.[1]
  const own = folderOfType[type]
  if (named && (own === 'other' || own === 'checkpoints' || own === 'diffusion_models')) return named
  return folders.folderOf(type === 'checkpoint' && name.endsWith('.gguf') ? 'diffusion-model' : type)
}
