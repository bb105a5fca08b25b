import { availableParallelism } from 'node:os'
import { blobsConfig, databaseConfig, natsConfig, readConfig, runtimeConfig } from '@easel/config'
import type { BlobsConfig, DatabaseConfig, Env, NatsConfig, Reader, RuntimeConfig } from '@easel/config'
import { parseTypeFolder } from './library/type-folders.ts'
import { modelsConfig } from './models/models-config.ts'
import type { ModelsConfig } from './models/models-config.ts'
import { parseExtraRoots } from './scan/model-roots.ts'
import type { ModelRoot } from './scan/model-roots.ts'
import { sourcesConfig } from './sources/sources-config.ts'
import type { SourcesConfig } from './sources/sources-config.ts'

export type CatalogConfig = {
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly runtime: RuntimeConfig
  /** Without it there is no local library. */
  readonly modelsDirectory: string | undefined
  /** Further folders of models, which are only read. */
  readonly extraRoots: readonly ModelRoot[]
  /** Where models of a type belong, if elsewhere than in ComfyUI's folders. */
  readonly typeFolders: ReadonlyMap<string, string>
  readonly sidecars: 'off' | 'easel' | 'civitai'
  readonly invokeAi: { readonly database: string; readonly models: string | undefined } | undefined
  /** Without it models have no pictures. */
  readonly blobs: BlobsConfig | undefined
  /** Whether CivitAI is asked which models the files of the library are: it learns their hashes. */
  readonly lookupHashes: boolean
  readonly allowPrivate: boolean | readonly string[]
  readonly sources: SourcesConfig
  readonly models: ModelsConfig
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
        default: 10,
        min: 6,
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
    ...librarySettings(read),
    sources: sourcesConfig(read),
    models: modelsConfig(read),
    rescanMs: read.duration('EASEL_LIBRARY_RESCAN', {
      default: '2m',
      help: 'How often the models folder is looked through for changes that no event told of.',
    }),
    hashThreads: read.integer('EASEL_HASH_THREADS', {
      default: Math.min(64, availableParallelism()),
      min: 1,
      max: 64,
      help: 'How many files are hashed at the same time; without it one on each core.',
    }),
    validateOutputs: false,
  }
}

function librarySettings(read: Reader) {
  const extra = read.optional('EASEL_EXTRA_MODELS_DIRS', {
    help: 'Further folders of models, only read: /mnt/models:a1111=/data/sd/models. Without a name it is the last part.',
    maxLength: 20_000,
  })
  const extraRoots = parseExtraRoots(extra ?? '')
  if (extraRoots.some(({ directory }) => !directory.startsWith('/'))) {
    read.fault('EASEL_EXTRA_MODELS_DIRS', 'must be absolute paths, with a colon between them')
  }
  const folders = read.list('EASEL_MODEL_FOLDERS', {
    default: [],
    item: (text) => parseTypeFolder(text) !== undefined,
    rule: 'must be a comma list of type=folder, such as lora=loras/mine',
    help: "Where models of a type belong, if elsewhere than in ComfyUI's folders: lora=loras/mine,vae=vae.",
  })
  const database = read.path('EASEL_INVOKEAI_DB', {
    optional: true,
    help: "InvokeAI's databases/invokeai.db: its models are linked instead of being fetched again. Only read.",
  })
  const models = read.path('EASEL_INVOKEAI_MODELS_DIR', {
    optional: true,
    help: "InvokeAI's models folder, if it is not beside its databases folder.",
  })
  const networks = read.list('EASEL_ALLOW_PRIVATE_DOWNLOADS', { default: ['false'] })
  return {
    extraRoots,
    typeFolders: new Map(folders.flatMap((item) => [parseTypeFolder(item) ?? []] as [string, string][])),
    sidecars: read.oneOf('EASEL_SIDECARS', ['easel', 'civitai', 'off'], {
      default: 'easel',
      help: 'What is written beside a downloaded model: name.easel.json, name.civitai.info, or nothing.',
    }),
    invokeAi: database === undefined ? undefined : { database, models },
    blobs: blobsConfig(read, { optional: true }),
    lookupHashes: read.flag('EASEL_LOOKUP_HASHES', {
      default: true,
      help: 'Asks CivitAI which models the files of the library are, by their hashes; false: no hash leaves the house.',
    }),
    allowPrivate: networks.includes('true') || networks.filter((network) => network !== 'false'),
  }
}
