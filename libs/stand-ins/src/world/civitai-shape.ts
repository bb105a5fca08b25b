/** CivitAI's objects as its API writes them, with what decides over a download beside them. */

export type CivitaiFile = {
  id: number
  sizeKB: number
  name: string
  overrideName: string | null
  type: string
  pickleScanResult: string
  pickleScanMessage: string | null
  virusScanResult: string
  virusScanMessage: string | null
  scannedAt: string
  metadata: { format: string; size?: string | null; fp?: string | null; quantType?: string }
  hashes: Record<string, string>
  primary?: boolean
}

export type CivitaiImage = {
  id: number
  url: string
  nsfwLevel: number
  width: number
  height: number
  hash: string
  type: 'image' | 'video'
  minor: boolean
  poi: boolean
  hasMeta: boolean
  hasPositivePrompt: boolean
  onSite: boolean
  remixOfId: null
  meta: Record<string, unknown> | null
}

export type CivitaiVersion = {
  id: number
  index: number
  name: string
  baseModel: string
  baseModelType: string | null
  createdAt: string
  updatedAt: string
  publishedAt: string
  status: string
  availability: string
  nsfwLevel: number
  description: string | null
  trainedWords: string[]
  usageControl: string
  earlyAccessEndsAt: string | null
  supportsGeneration: boolean
  stats: Record<string, number | null>
  files: CivitaiFile[]
  images: CivitaiImage[]
}

export type CivitaiModel = {
  id: number
  name: string
  description: string | null
  type: string
  nsfw: boolean
  nsfwLevel: number
  minor: boolean
  sfwOnly: boolean
  poi: boolean
  availability: string
  userId: number
  cosmetic: null
  supportsGeneration: boolean
  allowNoCredit: boolean
  /** An array today; older answers have `"{Image,Rent}"` or one word. */
  allowCommercialUse: string[] | string
  allowDerivatives: boolean
  allowDifferentLicense: boolean
  mode: 'Archived' | 'TakenDown' | null
  stats: Record<string, number | null>
  creator: { username: string; image: string | null }
  tags: string[]
  modelVersions: CivitaiVersion[]
  /** What the API does not tell but the download route obeys. */
  access: { login: boolean; disabled: boolean }
}

export const modelTypes = [
  'Checkpoint',
  'TextualInversion',
  'Hypernetwork',
  'AestheticGradient',
  'LORA',
  'LoCon',
  'DoRA',
  'Controlnet',
  'Upscaler',
  'MotionModule',
  'VAE',
  'Poses',
  'Wildcards',
  'Workflows',
  'Detection',
  'Other',
] as const

export const fileTypes = [
  'Model',
  'Text Encoder',
  'Vision Encoder',
  'Pruned Model',
  'Negative',
  'Training Data',
  'VAE',
  'Config',
  'Archive',
  'UNet',
  'Diffusion Model',
  'CLIPVision',
  'ControlNet',
  'Workflow',
  'Upscaler',
  'Enhancement LoRA',
  'Other',
] as const

export const fileFormats = [
  'SafeTensor',
  'PickleTensor',
  'GGUF',
  'Diffusers',
  'Core ML',
  'ONNX',
  'Other',
] as const

/** Those that the made-up models use; the API knows more, and any text may be asked for. */
export const baseModels = [
  'SD 1.5',
  'SD 1.5 LCM',
  'SD 2.1',
  'SDXL 1.0',
  'SDXL Lightning',
  'SDXL Turbo',
  'Pony',
  'Illustrious',
  'NoobAI',
  'SD 3.5 Large',
  'Flux.1 D',
  'Flux.1 S',
  'Flux.1 Kontext',
  'Flux.2 D',
  'Flux.2 Klein 9B',
  'Chroma',
  'Qwen',
  'ZImageTurbo',
  'HiDream',
  'Wan Video 2.2 I2V-A14B',
  'Wan Video 2.2 T2V-A14B',
  'Wan Video 14B t2v',
  'LTXV2',
  'Hunyuan Video',
  'Stable Cascade',
  'Lumina',
  'Krea 2',
  'Anima',
  'AuraFlow',
  'Kolors',
  'PixArt E',
  'Mochi',
] as const

export const sorts = [
  'Highest Rated',
  'Most Downloaded',
  'Most Liked',
  'Most Discussed',
  'Most Collected',
  'Most Images',
  'Newest',
  'Oldest',
] as const
export const periods = ['AllTime', 'Year', 'Month', 'Week', 'Day'] as const
export const commercialUses = ['None', 'Image', 'RentCivit', 'Rent', 'Sell'] as const
