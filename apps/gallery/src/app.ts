import 'reflect-metadata'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { openConfiguredBlobs } from '@easel/blobs'
import { ContractServer, openBus, publishFacts, watchFacts } from '@easel/bus'
import { gallery } from '@easel/contracts'
import { migrate, openDatabase, startOutboxRelay } from '@easel/database'
import { createLogger, createMetrics, injectTrace } from '@easel/observability'
import type { BlobStore } from '@easel/blobs'
import type { Bus } from '@easel/bus'
import type { Database } from '@easel/database'
import type { Checks, Logger, Metrics } from '@easel/observability'
import { AssetsService } from './assets/assets.service.ts'
import { GalleryRpc } from './gallery.rpc.ts'
import { galleryMetrics } from './metrics.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { ImportConsumer } from './imports/import.consumer.ts'
import { SessionsService } from './sessions/sessions.service.ts'
import { Housekeeper } from './storage/housekeeper.ts'
import { Thumbnailer } from './thumbnails/thumbnailer.ts'
import { prepareSharp } from './thumbnails/thumbnail-images.ts'
import { ThumbnailsService } from './thumbnails/thumbnails.service.ts'
import type { GalleryConfig } from './config.ts'

export { loadConfig } from './config.ts'
export type { GalleryConfig } from './config.ts'

export type Gallery = AsyncDisposable & {
  readonly checks: Checks
  readonly metrics: Metrics
  readonly housekeeper: Housekeeper
}

export type GalleryDeps = { log?: Logger; metrics?: Metrics }

const schema = 'gallery'
const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

@Module({})
class GalleryModule {}

/** Everything that is opened here is closed in reverse when the result is disposed, or when a later step fails. */
export async function startGallery(config: GalleryConfig, deps: GalleryDeps = {}): Promise<Gallery> {
  await using stack = new AsyncDisposableStack()
  const { runtime, housekeeping: settings, programs } = config
  const log =
    deps.log ?? createLogger({ service: schema, level: runtime.logLevel, pretty: runtime.logPretty })
  const metrics = deps.metrics ?? createMetrics(schema, { process: false })
  const counted = galleryMetrics(metrics)
  prepareSharp()

  const url = config.database.url.reveal()
  await migrate({ url, schema, directory: migrations })
  const { poolSize } = config.database
  const database = stack.use(openDatabase({ url, schema, poolSize, headers: injectTrace, log }))
  const prisma = new PrismaClient({ adapter: database.adapter })
  stack.defer(() => prisma.$disconnect())
  const blobs = stack.use(await openConfiguredBlobs(config.blobs))
  const bus = stack.use(await openBus(config.nats, { name: `${schema}@${hostname()}`, log }))
  const relay = stack.use(
    startOutboxRelay({ database, publish: (messages) => publishFacts(bus, messages), log }),
  )
  stack.use(watchFacts(bus, () => relay.repeat()))

  const parts = { database, blobs, bus, log, metrics: counted }
  const housekeeper = stack.use(new Housekeeper({ ...parts, settings }))
  const thumbnailer = stack.use(new Thumbnailer({ ...parts, programs, leaseMs: config.thumbnailLeaseMs }))
  const wake = () => thumbnailer.wake()
  const assets = new AssetsService({ database, blobs, added: wake })
  stack.use(await new ImportConsumer({ ...parts, imported: wake }).start())

  const server = new ContractServer(bus, { validateOutputs: config.validateOutputs })
  const app = await NestFactory.createMicroservice(
    {
      module: GalleryModule,
      providers: [
        { provide: AssetsService, useValue: assets },
        { provide: SessionsService, useValue: new SessionsService(prisma) },
        { provide: ThumbnailsService, useValue: new ThumbnailsService(database, assets, thumbnailer) },
        GalleryRpc,
      ],
    },
    { strategy: server, logger: false },
  )
  server.serve(gallery, app.get(GalleryRpc))
  await app.listen()
  stack.defer(() => app.close())
  thumbnailer.start()
  housekeeper.start()

  const owned = stack.move()
  return {
    checks: checksOf({ database, bus, blobs }),
    metrics,
    housekeeper,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function checksOf({ database, bus, blobs }: { database: Database; bus: Bus; blobs: BlobStore }): Checks {
  return { database: () => database.check(), nats: () => bus.check(), blobs: () => blobs.check() }
}
