import 'reflect-metadata'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ContractServer, createClient, openBus, publishFacts, watchFacts } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { openConfiguredBlobs } from '@easel/blobs'
import { bundles, catalog, collections, libraryCare, models, needs, sourceTokens } from '@easel/contracts'
import { Database, migrate, openDatabase, startOutboxRelay } from '@easel/database'
import { createLogger, injectTrace } from '@easel/observability'
import type { Checks, Logger } from '@easel/observability'
import { Module } from '@nestjs/common'
import type { DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { CatalogRpc, LIBRARY } from './catalog.rpc.ts'
import { CatalogStore } from './catalog.store.ts'
import { buildCollections } from './collections/build-collections.ts'
import type { CatalogConfig } from './config.ts'
import { LibraryService } from './library/library.service.ts'
import { startLibrary } from './library/start-library.ts'
import { TypeFolders } from './library/type-folders.ts'
import { ModelsRpc } from './models/models.rpc.ts'
import { openCatalogue } from './models/open-catalogue.ts'
import { SourceLookup } from './models/source-lookup.ts'
import { buildNeeds } from './needs/build-needs.ts'
import { openSources } from './sources/open-sources.ts'
import type { SourceId } from './sources/source-model.ts'
import { keepTokens } from './sources/tokens.ts'
import type { Library } from './library/start-library.ts'

export { loadConfig } from './config.ts'
export type { CatalogConfig } from './config.ts'

export type Catalog = AsyncDisposable & { readonly checks: Checks }

const schema = 'catalog'

@Module({})
class CatalogModule {
  static with(database: Database, store: CatalogStore, library: Library): DynamicModule {
    return {
      module: CatalogModule,
      providers: [
        { provide: Database, useValue: database },
        { provide: CatalogStore, useValue: store },
        { provide: LIBRARY, useValue: library },
        { provide: LibraryService, useValue: library.files },
        CatalogRpc,
      ],
    }
  }
}

/** Everything it owns is let go of in reverse order when it is disposed. */
export async function startCatalog(config: CatalogConfig, { log }: { log?: Logger } = {}): Promise<Catalog> {
  await using stack = new AsyncDisposableStack()
  const logger =
    log ?? createLogger({ service: schema, level: config.runtime.logLevel, pretty: config.runtime.logPretty })
  const url = config.database.url.reveal()
  await migrate({ url, schema, directory: fileURLToPath(new URL('../prisma/migrations', import.meta.url)) })
  const { poolSize } = config.database
  const database = stack.use(openDatabase({ url, schema, poolSize, headers: injectTrace, log: logger }))
  const bus = stack.use(await openBus(config.nats, { name: `${schema}@${hostname()}`, log: logger }))
  const relay = stack.use(
    startOutboxRelay({ database, publish: (messages) => publishFacts(bus, messages), log: logger }),
  )
  stack.use(watchFacts(bus, () => relay.repeat()))

  const store = new CatalogStore(database)
  const blobs = config.blobs && stack.use(await openConfiguredBlobs(config.blobs))
  const tokens = keepTokens({
    stored: storedTokens(bus),
    otherwise: config.sources.tokens,
    log: logger,
  })
  const sources = stack.use(openSources({ config: config.sources, database, tokens, log: logger }))
  const catalogue = stack.use(
    await openCatalogue({
      config: config.models,
      database,
      bus,
      sources,
      folders: new TypeFolders(config.typeFolders),
      log: logger,
    }),
  )
  const own = buildNeeds({
    database,
    bus,
    sources: catalogue.sources,
    urls: config.sources.urls,
    folders: new TypeFolders(config.typeFolders),
    lookupHashes: config.lookupHashes,
  })
  const remoteLookup = config.lookupHashes ? new SourceLookup(catalogue.sources) : undefined
  const parts = { database, store, bus, log: logger, blobs, remoteLookup }
  const library = stack.use(await startLibrary(config, parts))
  const server = new ContractServer(bus, { validateOutputs: config.validateOutputs })
  const app = await NestFactory.createMicroservice(CatalogModule.with(database, store, library), {
    strategy: server,
    logger: false,
  })
  server.serve(catalog, app.get(CatalogRpc))
  server.serve(libraryCare, library.careRpc)
  server.serve(models, new ModelsRpc(catalogue))
  server.serve(needs, own.needs)
  server.serve(bundles, own.bundles)
  const { resolving, shelf, transfers } = own
  const [urls, folders] = [config.sources.urls, new TypeFolders(config.typeFolders)]
  server.serve(collections, buildCollections({ database, bus, resolving, shelf, transfers, urls, folders }))
  await app.listen()
  stack.defer(() => app.close())

  const owned = stack.move()
  return {
    checks: { database: () => database.check(), bus: () => bus.check() },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The downloader keeps them. */
function storedTokens(bus: Bus) {
  const client = createClient(bus, sourceTokens)
  return async (source: SourceId) =>
    (await client.revealToken({ source }, { timeoutMs: 2_000 })).token ?? null
}
