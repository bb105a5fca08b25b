import { databaseConfig, natsConfig, readConfig, runtimeConfig, secretConfig } from '@easel/config'
import type { DatabaseConfig, Env, NatsConfig, Reader, RuntimeConfig, SecretConfig } from '@easel/config'
import { addressPolicy } from '@easel/http'

export type DownloaderConfig = {
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly runtime: RuntimeConfig
  readonly secret: SecretConfig
  /** Without it nothing can be downloaded. */
  readonly modelsDirectory: string | undefined
  /** `true`, or the networks that downloads may come from beside the public ones. */
  readonly allowPrivate: boolean | readonly string[]
  /** Bytes that stay free on the disk of the models. */
  readonly diskReserve: number
  /** A connection that brings nothing for so long is replaced. */
  readonly stallMs: number
  /** The pause after a first failure; doubled after each further one. */
  readonly retryMs: number
  /** How often a transfer may fail in a row without getting further. */
  readonly retries: number
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
    runtime: runtimeConfig(read),
    secret: secretConfig(read),
    modelsDirectory: read.path('EASEL_MODELS_DIR', {
      optional: true,
      help: "The folder of the models, laid out as ComfyUI's.",
    }),
    allowPrivate: allowPrivate(read),
    diskReserve: read.bytes('EASEL_DISK_RESERVE', {
      default: '2GiB',
      help: 'How much stays free on the disk of the models.',
    }),
    stallMs: read.duration('EASEL_DOWNLOAD_STALL', {
      default: '15s',
      help: 'A connection that brings nothing for so long is replaced.',
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
