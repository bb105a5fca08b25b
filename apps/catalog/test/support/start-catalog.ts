import { fileURLToPath } from 'node:url'
import { connectBus, createClient } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { catalog } from '@easel/contracts'
import { migrate } from '@easel/database'
import { createLogger } from '@easel/observability'
import type { Logger } from '@easel/observability'
import { newId } from '@easel/protocol'
import type { Actor, CallOptions } from '@easel/protocol'
import { tempDirectory, testDatabase, testNats } from '@easel/testing'
import { loadConfig, startCatalog } from '../../src/app.ts'
import type { Catalog, CatalogConfig } from '../../src/app.ts'

export const silent: Logger = createLogger({ service: 'catalog', level: 'silent' })

export function anActor(changes: Partial<Actor> = {}): Actor {
  const personalSpaceId = newId()
  return {
    userId: newId(),
    role: 'member',
    personalSpaceId,
    spaces: { [personalSpaceId]: 'owner' },
    scopes: [],
    ...changes,
  }
}

export type CatalogHouse = AsyncDisposable & {
  /** Of the models. */
  directory: string
  databaseUrl: string
  bus: Bus
  config: CatalogConfig
  start(changes?: Partial<CatalogConfig>): Promise<Catalog>
  env: NodeJS.ProcessEnv
  /** Calls as a member. */
  client: ReturnType<typeof memberClient>
}

/** Database, bus and models folder of a test; catalogs are started in it. */
export async function openHouse(): Promise<CatalogHouse> {
  await using stack = new AsyncDisposableStack()
  const migrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
  const database = stack.use(
    await testDatabase({
      service: 'catalog',
      migrations,
      migrate: async (url) => void (await migrate({ url, schema: 'catalog', directory: migrations })),
    }),
  )
  const nats = stack.use(await testNats())
  const { path: directory } = stack.use(await tempDirectory())
  const { path: blobs } = stack.use(await tempDirectory())
  const env = {
    EASEL_DATABASE_URL: database.url,
    EASEL_NATS_URL: nats.url,
    EASEL_MODELS_DIR: directory,
    EASEL_BLOBS: `file:${blobs}`,
    // Nobody listens there: no test asks the real ones.
    EASEL_CIVITAI_URL: 'http://127.0.0.1:9',
    EASEL_HF_URL: 'http://127.0.0.1:9',
    EASEL_STANDALONE: '1',
  }
  const loaded = loadConfig(env)
  const config: CatalogConfig = {
    ...loaded,
    nats: { ...loaded.nats, prefix: nats.prefix },
    validateOutputs: true,
  }
  const bus = stack.use(await connectBus({ url: nats.url, prefix: nats.prefix, name: 'test', log: silent }))
  const owned = stack.move()
  return {
    directory,
    databaseUrl: database.url,
    bus,
    config,
    env: { ...env, EASEL_TEST_NATS_PREFIX: nats.prefix },
    client: memberClient(bus),
    start: async (changes = {}) => owned.use(await startCatalog({ ...config, ...changes }, { log: silent })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function memberClient(bus: Bus) {
  const client = createClient(bus, catalog)
  const actor = anActor()
  const bound = Object.entries(client).map(([name, call]) => [
    name,
    (input: object, options: CallOptions = {}) =>
      (call as (input: object, options: CallOptions) => Promise<unknown>)(input, { actor, ...options }),
  ])
  return Object.fromEntries(bound) as typeof client
}
