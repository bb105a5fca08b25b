import {
  databaseConfig,
  natsConfig,
  readConfig,
  redisConfig,
  runtimeConfig,
  secretConfig,
} from '@easel/config'
import type {
  DatabaseConfig,
  Env,
  NatsConfig,
  Reader,
  RedisConfig,
  RuntimeConfig,
  Secret,
  SecretConfig,
} from '@easel/config'
import type { RemoteSourceId } from '@easel/contracts'
import { addressPolicy } from '@easel/http'
import { hubSettings } from './hub/hub-config.ts'
import type { HubConfig } from './hub/open-hub.ts'

export type DownloaderConfig = {
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  /** Without it each replica keeps to its share of the bandwidth cap. */
  readonly redis: Partial<RedisConfig> & { readonly prefix: string }
  readonly runtime: RuntimeConfig
  readonly secret: SecretConfig
  /** Without it nothing can be downloaded. */
  readonly modelsDirectory: string | undefined
  /** `true`, or the networks that downloads may come from beside the public ones. */
  readonly allowPrivate: boolean | readonly string[]
  /** Where CivitAI and Hugging Face are: their stored tokens go there. */
  readonly sourceUrls: Readonly<Record<RemoteSourceId, string>>
  /** Tokens that hold where none is stored. */
  readonly sourceTokens: Readonly<Record<RemoteSourceId, Secret | undefined>>
  /** Bytes that stay free on the disk of the models. */
  readonly diskReserve: number
  /** The same as a share of the disk, 0 to 1; the larger of the two holds. */
  readonly diskReserveShare: number
  /** A connection that brings nothing for so long is replaced. */
  readonly stallMs: number
  /** Connections to one server, of all transfers of this process together. */
  readonly connectionsPerHost: number
  /** What one connection is asked for at first. */
  readonly chunkBytes: number
  /** The pause after a first failure; doubled after each further one. */
  readonly retryMs: number
  /** How often a transfer may fail in a row without getting further. */
  readonly retries: number
  /** How often, and for how long, a transfer may be put off or lose its replica without getting further. */
  readonly patience: { readonly setbacks: number; readonly ms: number }
  readonly hub: HubConfig
  /** Checks answers against the contract: for tests and development. */
  readonly validateOutputs: boolean
}

export function loadConfig(env: Env): DownloaderConfig {
  return readConfig(env, downloaderSettings)
}

function downloaderSettings(read: Reader): DownloaderConfig {
  return {
    database: {
      ...databaseConfig(read),
      poolSize: read.integer('EASEL_DOWNLOADER_POOL_SIZE', {
        default: 6,
        min: 2,
        max: 200,
        help: 'Postgres connections of one downloader.',
      }),
    },
    nats: { ...natsConfig(read), prefix: '' },
    redis: { ...redisConfig(read, { optional: true }), prefix: 'easel:' },
    runtime: runtimeConfig(read),
    secret: secretConfig(read),
    modelsDirectory: read.path('EASEL_MODELS_DIR', {
      optional: true,
      help: "The folder of the models, laid out as ComfyUI's.",
    }),
    allowPrivate: allowPrivate(read),
    sourceUrls: {
      civitai: read.url('EASEL_CIVITAI_URL', {
        default: 'https://civitai.com',
        protocols: ['http', 'https'],
        help: 'Where CivitAI is.',
      }),
      huggingface: read.url('EASEL_HF_URL', {
        default: 'https://huggingface.co',
        protocols: ['http', 'https'],
        help: 'Where Hugging Face is, or a mirror of it.',
      }),
    },
    sourceTokens: {
      civitai: read.secret('CIVITAI_TOKEN', {
        optional: true,
        help: 'For CivitAI, where no token is stored.',
      }),
      huggingface: read.secret('HF_TOKEN', {
        optional: true,
        help: 'For Hugging Face, where no token is stored.',
      }),
    },
    diskReserve: read.bytes('EASEL_DISK_RESERVE', {
      default: '5GiB',
      help: 'How much stays free on the disk of the models.',
    }),
    diskReserveShare:
      read.integer('EASEL_DISK_RESERVE_PERCENT', {
        default: 5,
        min: 0,
        max: 90,
        help: 'The same in percent of the disk; the larger of the two holds.',
      }) / 100,
    stallMs: read.duration('EASEL_DOWNLOAD_STALL', {
      default: '15s',
      help: 'A connection that brings nothing for so long is replaced.',
    }),
    connectionsPerHost: read.integer('EASEL_DOWNLOAD_CONNECTIONS', {
      default: 16,
      min: 1,
      max: 64,
      help: 'Connections of one downloader to one server, as far as they pay.',
    }),
    chunkBytes: read.bytes('EASEL_DOWNLOAD_CHUNK', {
      default: '4MiB',
      help: 'What one connection is asked for at first; more when it is fast.',
    }),
    retryMs: read.duration('EASEL_DOWNLOAD_RETRY', {
      default: '500ms',
      help: 'The pause after a first failure; it doubles with each further one, up to 30 s.',
    }),
    retries: read.integer('EASEL_DOWNLOAD_RETRIES', {
      default: 10,
      min: 0,
      max: 1_000,
      help: 'How often a transfer may fail in a row without getting further.',
    }),
    patience: {
      setbacks: read.integer('EASEL_DOWNLOAD_SETBACKS', {
        default: 20,
        min: 1,
        max: 10_000,
        help: 'How often a server may put a transfer off for long, or its process end, before it is given up.',
      }),
      ms: read.duration('EASEL_DOWNLOAD_PATIENCE', {
        default: '24h',
        help: 'For how long, from five times on.',
      }),
    },
    hub: hubSettings(read),
    validateOutputs: false,
  }
}

function allowPrivate(read: Reader): boolean | readonly string[] {
  const networks = read.list('EASEL_ALLOW_PRIVATE_DOWNLOADS', {
    default: ['false'],
    item: (text) => text === 'true' || text === 'false' || isNetwork(text),
    rule: 'must be true, false, or a comma list of networks such as 10.1.0.0/16',
    help: 'May downloads come from this machine and private networks? Everyone who may download can then reach them.',
  })
  if (networks.includes('true')) return true
  return networks.filter((network) => network !== 'false')
}

function isNetwork(text: string): boolean {
  try {
    addressPolicy([text])
    return true
  } catch {
    return false
  }
}
