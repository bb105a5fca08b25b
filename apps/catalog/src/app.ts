import 'reflect-metadata'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ContractServer, openBus, publishFacts, watchFacts } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { catalog } from '@easel/contracts'
import { Database, migrate, openDatabase, startOutboxRelay } from '@easel/database'
import { createLogger, injectTrace } from '@easel/observability'
import type { Checks, Logger } from '@easel/observability'
import { Module } from '@nestjs/common'
import type { DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { CatalogRpc, LIBRARY } from './catalog.rpc.ts'
import type { Library } from './catalog.rpc.ts'
import { CatalogStore } from './catalog.store.ts'
import type { CatalogConfig } from './config.ts'
import { LibraryService } from './library/library.service.ts'
import { consumePlacedFiles } from './scan/placed-files.consumer.ts'
import { ScanService } from './scan/scan.service.ts'

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
        LibraryService,
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
  const library = startLibrary(config, { database, store, bus, log: logger })
  if (library) {
    stack.use(library.scans)
    stack.use(await consumePlacedFiles(bus, library.scans))
  }
  const server = new ContractServer(bus, { validateOutputs: config.validateOutputs })
  const app = await NestFactory.createMicroservice(CatalogModule.with(database, store, library), {
    strategy: server,
    logger: false,
  })
  server.serve(catalog, app.get(CatalogRpc))
  await app.listen()
  stack.defer(() => app.close())

  const owned = stack.move()
  return {
    checks: { database: () => database.check(), bus: () => bus.check() },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Parts = { database: Database; store: CatalogStore; bus: Bus; log: Logger }

function startLibrary({ modelsDirectory, rescanMs, hashThreads }: CatalogConfig, parts: Parts): Library {
  if (modelsDirectory === undefined) return null
  const scans = new ScanService({ ...parts, root: modelsDirectory, rescanMs, hashThreads })
  return { root: modelsDirectory, scans }
}
