import type { GetSearchQuery, ModelCard } from '@easel/client'

type All<T> = readonly NonNullable<T>[]

export const modelTypes: All<ModelCard['type']> = [
  'checkpoint',
  'diffusion-model',
  'lora',
  'locon',
  'dora',
  'embedding',
  'vae',
  'text-encoder',
  'clip-vision',
  'controlnet',
  'upscaler',
  'motion-module',
  'hypernetwork',
  'detection',
  'workflow',
  'wildcards',
  'poses',
  'other',
]

export const nsfwLevels: All<GetSearchQuery['maxNsfw']> = ['pg', 'pg13', 'r', 'x', 'xxx']
export const periods: All<GetSearchQuery['period']> = ['day', 'week', 'month', 'year', 'all']
export const sorts: All<GetSearchQuery['sort']> = [
  'relevance',
  'downloads',
  'likes',
  'newest',
  'updated',
  'name',
]

/** ComfyUI's folders below `models/`. */
export const folders: readonly string[] = [
  'checkpoints',
  'loras',
  'vae',
  'diffusion_models',
  'text_encoders',
  'clip_vision',
  'controlnet',
  'embeddings',
  'upscale_models',
  'hypernetworks',
  'style_models',
  'gligen',
  'vae_approx',
  'model_patches',
  'audio_encoders',
  'other',
]
