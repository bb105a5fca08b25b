import { fileURLToPath } from 'node:url'
import { connectBus, createClient } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { downloader, sourceTokens } from '@easel/contracts'
import type { DownloadStatus, DownloadView } from '@easel/contracts'
import { migrate } from '@easel/database'
import { createLogger } from '@easel/observability'
import type { Logger } from '@easel/observability'
import { newId } from '@easel/protocol'
import type { Actor, CallOptions } from '@easel/protocol'
import { tempDirectory, testDatabase, testNats, testRedis, waitFor } from '@easel/testing'
import { Client } from 'pg'
import { loadConfig, startDownloader } from '../../src/app.ts'
import type { Downloader, DownloaderConfig } from '../../src/app.ts'
import { serveCatalog } from './stand-in-catalog.ts'
import type { StandInCatalog } from './stand-in-catalog.ts'

export const silent: Logger = createLogger({ service: 'downloader', level: 'silent' })

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

export type DownloaderHouse = AsyncDisposable & {
  /** Of the models. */
  directory: string
  bus: Bus
  config: DownloaderConfig
  env: NodeJS.ProcessEnv
  start(changes?: Partial<DownloaderConfig>): Promise<Downloader>
  /** A stand-in of the catalogue begins to answer. */
  catalog(): Promise<StandInCatalog>
  as(actor: Actor): ReturnType<typeof clientOf>
  /** Calls as a member. */
  client: ReturnType<typeof clientOf>
  sql(text: string, values: readonly unknown[]): Promise<unknown[]>
  /** Waits until the member's download is so. */
  until(id: string, ...statuses: DownloadStatus[]): Promise<DownloadView>
}

/** Database, bus and models folder of a test; downloaders are started in it. */
export async function openHouse(): Promise<DownloaderHouse> {
  await using stack = new AsyncDisposableStack()
  const migrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
  const database = stack.use(
    await testDatabase({
      service: 'downloader',
      migrations,
      migrate: async (url) => void (await migrate({ url, schema: 'downloader', directory: migrations })),
    }),
  )
  const nats = stack.use(await testNats())
  const redis = stack.use(await testRedis())
  const { path: directory } = stack.use(await tempDirectory())
  const env = {
    EASEL_DATABASE_URL: database.url,
    EASEL_NATS_URL: nats.url,
    EASEL_REDIS_URL: redis.url,
    EASEL_MODELS_DIR: directory,
    EASEL_SECRET: 'a secret of tests that is long enough',
    EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
    EASEL_DISK_RESERVE: '1MiB',
    EASEL_DOWNLOAD_RETRY: '50ms',
    EASEL_STANDALONE: '1',
  }
  const loaded = loadConfig(env)
  const config: DownloaderConfig = {
    ...loaded,
    nats: { ...loaded.nats, prefix: nats.prefix },
    redis: { ...loaded.redis, prefix: redis.prefix },
    validateOutputs: true,
  }
  const bus = stack.use(await connectBus({ url: nats.url, prefix: nats.prefix, name: 'test', log: silent }))
  const client = clientOf(bus, anActor())
  const owned = stack.move()
  return {
    directory,
    bus,
    config,
    env: { ...env, EASEL_TEST_NATS_PREFIX: nats.prefix },
    client,
    sql: async (text, values) => {
      const sql = new Client({ connectionString: database.url })
      await sql.connect()
      try {
        return (await sql.query(text, [...values])).rows as unknown[]
      } finally {
        await sql.end()
      }
    },
    as: (actor) => clientOf(bus, actor),
    start: async (changes = {}) =>
      owned.use(await startDownloader({ ...config, ...changes }, { log: silent })),
    catalog: async () => owned.use(await serveCatalog({ url: nats.url, prefix: nats.prefix })),
    until: (id, ...statuses) =>
      waitFor(
        async () => {
          const view = await client.getDownload({ id })
          return statuses.includes(view.status) ? view : undefined
        },
        { timeoutMs: 20_000, describe: `a download to be ${statuses.join(' or ')}` },
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function clientOf(bus: Bus, actor: Actor) {
  const client = { ...createClient(bus, downloader), ...createClient(bus, sourceTokens) }
  const bound = Object.entries(client).map(([name, call]) => [
    name,
    (input: object, options: CallOptions = {}) =>
      (call as (input: object, options: CallOptions) => Promise<unknown>)(input, { actor, ...options }),
  ])
  return Object.fromEntries(bound) as typeof client
}
