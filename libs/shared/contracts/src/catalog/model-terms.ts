/** Where models are known from. */
export const modelSources = ['civitai', 'huggingface', 'local'] as const
export type ModelSourceId = (typeof modelSources)[number]

/** Those that are elsewhere. */
export const remoteSources = ['civitai', 'huggingface'] as const
export type RemoteSourceId = (typeof remoteSources)[number]

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
export type ModelType = (typeof modelTypes)[number]

/** From harmless to explicit, as CivitAI's levels 1, 2, 4, 8 and 16; what is not rated counts as `pg`. */
export const nsfwLevels = ['pg', 'pg13', 'r', 'x', 'xxx'] as const
export type NsfwLevel = (typeof nsfwLevels)[number]

/** Who may fetch a model: everybody, who has accepted terms, whom its owner lets in, or who has paid, until a date. */
export const gates = ['open', 'terms', 'approval', 'early-access'] as const
export type Gate = (typeof gates)[number]

export const installStates = ['none', 'partial', 'installed'] as const
export type InstallState = (typeof installStates)[number]

export const searchSorts = ['relevance', 'downloads', 'likes', 'newest', 'updated', 'name'] as const
export type SearchSort = (typeof searchSorts)[number]

export const searchPeriods = ['day', 'week', 'month', 'year', 'all'] as const
export type SearchPeriod = (typeof searchPeriods)[number]
