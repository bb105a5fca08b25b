// Written by tools/openapi.ts from openapi.json.

export const modelTypes = [
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
] as const

export const modelFolders = [
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
] as const

export const nsfwLevels = ['pg', 'pg13', 'r', 'x', 'xxx'] as const

export const searchPeriods = ['day', 'week', 'month', 'year', 'all'] as const

export const searchSorts = ['relevance', 'downloads', 'likes', 'newest', 'updated', 'name'] as const
