import type { ModelCard } from '@easel/client'

export const tabs = ['search', 'library', 'collections', 'bundles', 'updates', 'storage'] as const
export type Tab = (typeof tabs)[number]

const cares = ['duplicates', 'misplaced', 'unsafe'] as const
export type Care = (typeof cares)[number]
export const isCare = (value: unknown): value is Care => cares.includes(value as Care)

export const sources = { civitai: 'CivitAI', huggingface: 'Hugging Face', local: 'Library' } as const

export const typeNames: Record<ModelCard['type'], string> = {
  checkpoint: 'Checkpoint',
  'diffusion-model': 'Diffusion model',
  lora: 'LoRA',
  locon: 'LoCon',
  dora: 'DoRA',
  embedding: 'Embedding',
  vae: 'VAE',
  'text-encoder': 'Text encoder',
  'clip-vision': 'CLIP vision',
  controlnet: 'ControlNet',
  upscaler: 'Upscaler',
  'motion-module': 'Motion module',
  hypernetwork: 'Hypernetwork',
  detection: 'Detection',
  workflow: 'Workflow',
  wildcards: 'Wildcards',
  poses: 'Poses',
  other: 'Other',
}

export const sorts = {
  downloads: 'Most downloads',
  likes: 'Most likes',
  newest: 'Newest',
  updated: 'Last updated',
  name: 'Name',
} as const

export const levels = {
  pg: 'Harmless only',
  pg13: 'Up to PG-13',
  r: 'Up to R',
  x: 'Up to X',
  xxx: 'Everything',
} as const

export const periods = {
  day: 'Last day',
  week: 'Last week',
  month: 'Last month',
  year: 'Last year',
  all: 'All time',
} as const

/** Of the library. */
export const orders = { newest: 'Newest', largest: 'Largest' } as const

/** The first three are of bundles, the rest of what the hub holds. */
export const states = {
  present: 'Here',
  partial: 'In part',
  missing: 'Missing',
  evicted: 'Let go',
  bad: 'Damaged',
  lost: 'Gone',
} as const

/** What Hugging Face calls the kinds of work that make or change pictures, video and sound. */
export const tasks = {
  'text-to-image': 'Text to image',
  'image-to-image': 'Image to image',
  'text-to-video': 'Text to video',
  'image-to-video': 'Image to video',
  'image-text-to-video': 'Image and text to video',
  'text-to-audio': 'Text to audio',
  'text-to-speech': 'Text to speech',
  'text-to-3d': 'Text to 3D',
  'image-to-3d': 'Image to 3D',
  'depth-estimation': 'Depth estimation',
  'image-segmentation': 'Segmentation',
  'mask-generation': 'Masks',
  'unconditional-image-generation': 'Images without a prompt',
} as const
