import type { FileFormat } from '@easel/contracts'

/** What a file's path tells. */
export type ModelFile = { name: string; folder: string; format: FileFormat }

const formats: Readonly<Record<string, FileFormat>> = {
  safetensors: 'safetensors',
  sft: 'safetensors',
  gguf: 'gguf',
  ckpt: 'pickle',
  pt: 'pickle',
  pth: 'pickle',
  bin: 'pickle',
  onnx: 'other',
}

/** ComfyUI reads the old folders and the new ones as one; other programs have names of their own (A1111, Stability Matrix). */
const aliases: Readonly<Record<string, string>> = {
  unet: 'diffusion_models',
  clip: 'text_encoders',
  'Stable-diffusion': 'checkpoints',
  StableDiffusion: 'checkpoints',
  Lora: 'loras',
  LyCORIS: 'loras',
  VAE: 'vae',
  ControlNet: 'controlnet',
  ESRGAN: 'upscale_models',
  RealESRGAN: 'upscale_models',
  SwinIR: 'upscale_models',
  TextualInversion: 'embeddings',
  Embeddings: 'embeddings',
  Hypernetwork: 'hypernetworks',
  DiffusionModels: 'diffusion_models',
  TextEncoders: 'text_encoders',
  ClipVision: 'clip_vision',
}

const partial = /\.(part|partial|tmp|temp|crdownload|download|incomplete|aria2)$/i

/** Hidden files and folders (our own partial downloads among them) and files that are still being written. */
export function isIgnored(name: string): boolean {
  return name.startsWith('.') || partial.test(name)
}

/** `undefined` for what is no model: previews, notes, configuration. */
export function modelFileOf(path: string): ModelFile | undefined {
  const segments = path.split('/')
  const fileName = segments.at(-1)!
  const dot = fileName.lastIndexOf('.')
  const ending = fileName.slice(dot + 1).toLowerCase()
  if (dot <= 0 || isIgnored(fileName) || !Object.hasOwn(formats, ending)) return undefined
  const top = segments.length > 1 ? segments[0]! : 'other'
  const folder = Object.hasOwn(aliases, top) ? aliases[top]! : top
  return { name: fileName.slice(0, dot), folder, format: formats[ending]! }
}
