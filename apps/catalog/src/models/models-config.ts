import type { Reader } from '@easel/config'

export type ModelsConfig = {
  readonly searchDeadlineMs: number
  readonly searchAgeMs: number
  readonly modelDeadlineMs: number
  readonly modelAgeMs: number
  readonly syncMs: number
}

export function modelsConfig(read: Reader): ModelsConfig {
  return {
    searchDeadlineMs: read.duration('EASEL_SEARCH_DEADLINE', {
      default: '4s',
      help: 'How long a search waits for CivitAI and Hugging Face before it answers with what is known.',
    }),
    searchAgeMs: read.duration('EASEL_SEARCH_AGE', {
      default: '10m',
      help: 'For how long they are not asked the same question again.',
    }),
    modelDeadlineMs: 8_000,
    modelAgeMs: read.duration('EASEL_MODEL_AGE', {
      default: '1h',
      help: 'For how long what is known of a model is shown without asking its source.',
    }),
    syncMs: read.duration('EASEL_CATALOG_SYNC', {
      default: '6h',
      help: 'How often the sources are asked for what is new; 0s: only on demand.',
    }),
  }
}
