import { redisConfig } from '@easel/config'
import type { Reader, Secret } from '@easel/config'
import type { Ages, SourceSettings } from './http/source-settings.ts'
import type { SourceId } from './source-model.ts'

export type SourcesConfig = {
  /** Without a slash at their end. */
  readonly urls: Readonly<Record<SourceId, string>>
  /** Tokens of the environment, for when none is stored. */
  readonly tokens: Readonly<Record<SourceId, Secret | undefined>>
  /** Without it rates are kept by each replica for itself. */
  readonly redisUrl: Secret | undefined
  readonly redisPrefix: string
  readonly rates: Readonly<Record<SourceId, SourceSettings['rate']>>
  readonly ages: Ages
  readonly timeouts: SourceSettings['timeouts']
  readonly pauseMs: number
  readonly userAgent: string
}

export function sourcesConfig(read: Reader): SourcesConfig {
  return {
    urls: {
      civitai: baseUrl(read, 'EASEL_CIVITAI_URL', 'https://civitai.com'),
      huggingface: baseUrl(read, 'EASEL_HF_URL', 'https://huggingface.co'),
    },
    tokens: {
      civitai: read.secret('CIVITAI_TOKEN', { optional: true }),
      huggingface: read.secret('HF_TOKEN', { optional: true }),
    },
    redisUrl: redisConfig(read, { optional: true }).url,
    redisPrefix: 'easel:',
    // Below what each is known to bear: CivitAI tells no limit, the hub 500 in five minutes to strangers.
    rates: { civitai: { requests: 60, seconds: 30 }, huggingface: { requests: 450, seconds: 300 } },
    ages: {
      goodMs: read.duration('EASEL_SOURCE_AGE', {
        default: '10m',
        help: 'How long answers of CivitAI and Hugging Face are believed.',
      }),
      refusedMs: read.duration('EASEL_SOURCE_REFUSED_AGE', {
        default: '5m',
        help: 'How long "there is none" and "you may not" of theirs are believed.',
      }),
      failedMs: read.duration('EASEL_SOURCE_RETRY', {
        default: '15s',
        help: 'How soon they are asked again after they failed.',
      }),
    },
    timeouts: { connectMs: 4_000, totalMs: 20_000 },
    pauseMs: 5_000,
    userAgent: 'Easel-Catalog',
  }
}

function baseUrl(read: Reader, name: string, standard: string): string {
  const help = `Where ${new URL(standard).host} is, or a mirror of it.`
  return read.url(name, { default: standard, protocols: ['http', 'https'], help }).replace(/\/+$/, '')
}
