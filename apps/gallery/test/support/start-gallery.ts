import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { openBlobs } from '@easel/blobs'
import { connectBus, consumeFact, createClient, ensureStreams, publishFact } from '@easel/bus'
import { assetChanged, gallery, outputsMade } from '@easel/contracts'
import { migrate, openDatabase } from '@easel/database'
import { createLogger } from '@easel/observability'
import { newId } from '@easel/protocol'
import { tempDirectory, testDatabase, testNats, waitFor } from '@easel/testing'
import type { AssetChanged, AssetView, OutputsMade } from '@easel/contracts'
import type { Actor, SpaceRole } from '@easel/protocol'
import { loadConfig, startGallery } from '../../src/app.ts'
import type { GalleryConfig } from '../../src/app.ts'

const migrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

export type TestGallery = Awaited<ReturnType<typeof startTestGallery>>

/** The real service on a database, a part of NATS and a blob directory of its own. */
export async function startTestGallery(overrides: Partial<GalleryConfig> = {}) {
  await using stack = new AsyncDisposableStack()
  const databaseServer = stack.use(
    await testDatabase({
      service: 'gallery',
      migrations,
      migrate: async (url) => {
        await migrate({ url, schema: 'gallery', directory: migrations })
      },
    }),
  )
  const nats = stack.use(await testNats())
  const directory = stack.use(await tempDirectory())
  const config: GalleryConfig = {
    ...loadConfig({
      EASEL_STANDALONE: 'true',
      EASEL_DATABASE_URL: databaseServer.url,
      EASEL_NATS_URL: nats.url,
      EASEL_BLOBS: `file://${directory.path}/blobs`,
      EASEL_LOG_LEVEL: 'silent',
    }),
    validateOutputs: true,
    housekeeping: { graceMs: 0, removeEveryMs: 3_600_000, sweepEveryMs: 3_600_000, orphanAgeMs: 0 },
    ...overrides,
  }
  const withPrefix = { ...config, nats: { ...config.nats, prefix: nats.prefix } }
  const log = createLogger({ service: 'gallery-test', level: 'silent' })
  const bus = stack.use(await connectBus({ url: nats.url, prefix: nats.prefix, name: 'test', log }))
  await ensureStreams(bus)
  const blobs = stack.use(await openBlobs(`file:${directory.path}/blobs`))
  const database = stack.use(openDatabase({ url: databaseServer.url, schema: 'gallery', poolSize: 2 }))
  const facts: AssetChanged[] = []
  stack.use(
    await consumeFact(bus, {
      consumer: 'test',
      fact: assetChanged,
      handle: async ({ payload }) => void facts.push(payload),
    }),
  )
  let service = await startGallery(withPrefix, { log })
  stack.defer(() => service[Symbol.asyncDispose]())
  const owned = stack.move()
  const client = createClient(bus, gallery)

  return {
    bus,
    blobs,
    database,
    client,
    facts,
    config: withPrefix,
    get service() {
      return service
    },
    async restart(changes: Partial<GalleryConfig> = {}) {
      await service[Symbol.asyncDispose]()
      service = await startGallery({ ...withPrefix, ...changes }, { log })
    },
    stop: () => service[Symbol.asyncDispose](),
    /** Another replica beside the first. */
    replica: (changes: Partial<GalleryConfig> = {}) => startGallery({ ...withPrefix, ...changes }, { log }),
    async put(bytes: Uint8Array): Promise<{ blob: string; bytes: number }> {
      const { key } = await blobs.put(
        (async function* () {
          yield bytes
        })(),
      )
      return { blob: key, bytes: bytes.length }
    },
    publish: (made: OutputsMade, id: string = newId()) =>
      publishFact(bus, outputsMade, { id, payload: made }),
    find: (id: string, actor: Actor): Promise<AssetView> =>
      waitFor(() => client.getAsset({ id }, { actor }), { describe: `asset ${id}` }),
    settled: (id: string, actor: Actor): Promise<AssetView> =>
      waitFor(
        async () => {
          const asset = await client.getAsset({ id }, { actor })
          return asset.thumbnail !== 'pending' && asset
        },
        { timeoutMs: 20_000, describe: `the thumbnails of ${id}` },
      ),
    async blobKeys(): Promise<string[]> {
      const keys: string[] = []
      for await (const { key } of blobs.list()) keys.push(key)
      return keys.sort()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export function anActor(overrides: Partial<Actor> = {}): Actor {
  const personalSpaceId = randomUUID()
  return {
    userId: randomUUID(),
    role: 'member',
    personalSpaceId,
    spaces: { [personalSpaceId]: 'owner' as SpaceRole },
    scopes: ['assets:read', 'assets:write'],
    ...overrides,
  }
}
