import { databaseConfig, natsConfig, readConfig, runtimeConfig } from '@easel/config'
import type { DatabaseConfig, Env, NatsConfig, Reader, RuntimeConfig } from '@easel/config'

export type CatalogConfig = {
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly runtime: RuntimeConfig
  /** Without it there is no local library. */
  readonly modelsDirectory: string | undefined
  readonly rescanMs: number
  readonly hashThreads: number
  /** Checks answers against the contract: for tests and development. */
  readonly validateOutputs: boolean
}

export function loadConfig(env: Env): CatalogConfig {
  return readConfig(env, catalogSettings)
}

function catalogSettings(read: Reader): CatalogConfig {
  return {
    database: {
      ...databaseConfig(read),
      poolSize: read.integer('EASEL_CATALOG_POOL_SIZE', {
        default: 6,
        min: 3,
        max: 200,
        help: 'Postgres connections of one catalog.',
      }),
    },
    nats: { ...natsConfig(read), prefix: '' },
    runtime: runtimeConfig(read),
    modelsDirectory: read.path('EASEL_MODELS_DIR', {
      optional: true,
      help: "The folder of the models, laid out as ComfyUI's.",
    }),
    rescanMs: read.duration('EASEL_LIBRARY_RESCAN', {
      default: '2m',
      help: 'How often the models folder is looked through for changes that no event told of.',
    }),
    hashThreads: read.integer('EASEL_HASH_THREADS', {
      default: 2,
      min: 1,
      max: 16,
      help: 'How many files are hashed at the same time.',
    }),
    validateOutputs: false,
  }
}
