import 'reflect-metadata'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ContractServer, openBus, publishFacts, watchFacts } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { sealer } from '@easel/config'
import { downloader } from '@easel/contracts'
import { Database, migrate, openDatabase, startOutboxRelay } from '@easel/database'
import { createGuardedHttp } from '@easel/http'
import { createLogger, injectTrace } from '@easel/observability'
import type { Checks, Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import { createHasher } from '@easel/safetensors'
import { Module } from '@nestjs/common'
import type { DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { DownloaderConfig } from './config.ts'
import { DownloaderRpc } from './downloader.rpc.ts'
import { DownloaderStore } from './downloader.store.ts'
import { DownloadsService, RULES } from './downloads/downloads.service.ts'
import type { DownloadRules } from './downloads/downloads.service.ts'
import { SettingsService } from './settings/settings.service.ts'
import { UrlSource } from './sources/url.source.ts'
import { diskSpace } from './transfers/disk-space.ts'
import { TokenBucket } from './transfers/token-bucket.ts'
import { TransferEngine } from './transfers/transfer-engine.ts'
import { TransferFiles } from './transfers/transfer-files.ts'

export { loadConfig } from './config.ts'
export type { DownloaderConfig } from './config.ts'

export type Downloader = AsyncDisposable & { readonly checks: Checks }

const schema = 'downloader'

type Provided = { store: DownloaderStore; engine: TransferEngine; rules: DownloadRules }

@Module({})
class DownloaderModule {
  static with({ store, engine, rules }: Provided): DynamicModule {
    return {
      module: DownloaderModule,
      providers: [
        { provide: DownloaderStore, useValue: store },
        { provide: TransferEngine, useValue: engine },
        { provide: RULES, useValue: rules },
        DownloadsService,
        SettingsService,
        DownloaderRpc,
      ],
    }
  }
}

/** Everything it owns is let go of in reverse order when it is disposed. */
export async function startDownloader(
  config: DownloaderConfig,
  { log }: { log?: Logger } = {},
): Promise<Downloader> {
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

  const provided = await startEngine(config, stack, { database, bus, log: logger })
  const server = new ContractServer(bus, { validateOutputs: config.validateOutputs })
  const app = await NestFactory.createMicroservice(DownloaderModule.with(provided), {
    strategy: server,
    logger: false,
  })
  server.serve(downloader, app.get(DownloaderRpc))
  await app.listen()
  stack.defer(() => app.close())

  const owned = stack.move()
  return {
    checks: { database: () => database.check(), bus: () => bus.check() },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Platform = { database: Database; bus: Bus; log: Logger }

async function startEngine(
  config: DownloaderConfig,
  stack: AsyncDisposableStack,
  { database, bus, log }: Platform,
): Promise<Provided> {
  const { modelsDirectory, allowPrivate, stallMs, retryMs, retries } = config
  const store = new DownloaderStore(database)
  const secrets = sealer(config.secret.secret, config.secret.previous)
  const http = stack.use(
    createGuardedHttp({ allowPrivate, timeouts: { idleMs: stallMs, headersMs: stallMs * 2 } }),
  )
  if (modelsDirectory !== undefined) await mkdir(modelsDirectory, { recursive: true })
  const space = modelsDirectory === undefined ? noModels : diskSpace(modelsDirectory, config.diskReserve)
  const engine = new TransferEngine({
    store,
    bus,
    log,
    files: new TransferFiles(modelsDirectory ?? ''),
    source: new UrlSource(http),
    bucket: new TokenBucket(),
    space,
    hasher: stack.use(createHasher({ threads: 1 })),
    sealer: secrets,
    retryMs,
    retries,
    claims: modelsDirectory !== undefined,
  })
  stack.use(engine)
  return { store, engine, rules: { sealer: secrets, allowPrivate, requireSpace: () => space.require(0) } }
}

const noModels = {
  require: () =>
    Promise.reject(
      new AppError('conflict', 'There is no models folder: set EASEL_MODELS_DIR', {
        reason: 'NO_MODELS_DIRECTORY',
      }),
    ),
}
