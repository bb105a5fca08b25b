import 'reflect-metadata'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ContractServer, createClient, openBus, publishFacts, watchFacts } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { sealer } from '@easel/config'
import { catalog, downloader, hub, libraryCare, needs, sourceTokens } from '@easel/contracts'
import { Database, migrate, openDatabase, startOutboxRelay } from '@easel/database'
import { createGuardedHttp } from '@easel/http'
import { createLogger, injectTrace } from '@easel/observability'
import type { Checks, Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import { createHasher } from '@easel/safetensors'
import { Module } from '@nestjs/common'
import type { DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ClusterBandwidth } from './bandwidth/cluster-bandwidth.ts'
import { RedisBucket } from './bandwidth/redis-bucket.ts'
import type { DownloaderConfig } from './config.ts'
import { DownloaderRpc } from './downloader.rpc.ts'
import { DownloaderStore } from './downloader.store.ts'
import { HubRpc } from './hub/hub.rpc.ts'
import { noHub, openHubIfWritable } from './hub/open-hub.ts'
import type { Hub } from './hub/open-hub.ts'
import { consumeAccess } from './downloads/access.consumer.ts'
import { DownloadFeed } from './downloads/download-feed.ts'
import { DownloadsService } from './downloads/downloads.service.ts'
import { Orders } from './downloads/orders.ts'
import { PresentFiles } from './downloads/present-files.ts'
import { RequestsService, ROOM } from './downloads/requests.service.ts'
import type { Room } from './downloads/requests.service.ts'
import { SettingsWatch } from './settings/settings-watch.ts'
import type { Known } from './settings/settings-watch.ts'
import { SettingsService } from './settings/settings.service.ts'
import { ThriftyPlacement } from './downloads/thrifty-placement.ts'
import { SourceOrigins } from './sources/source-origins.ts'
import { wantedFiles } from './sources/wanted-files.ts'
import { SourceTokens } from './tokens/source-tokens.ts'
import { TokensRpc } from './tokens/tokens.rpc.ts'
import { diskSpace } from './transfers/disk-space.ts'
import { Hosts } from './transfers/hosts.ts'
import { Lanes } from './transfers/lane/lanes.ts'
import { PromisedSpace } from './transfers/promised-space.ts'
import { TransferEngine } from './transfers/transfer-engine.ts'
import { TransferFiles } from './transfers/transfer-files.ts'

export { loadConfig } from './config.ts'
export type { DownloaderConfig } from './config.ts'

export type Downloader = AsyncDisposable & { readonly checks: Checks }

const schema = 'downloader'

type Provided = {
  store: DownloaderStore
  engine: TransferEngine
  orders: Orders
  presentFiles: PresentFiles
  tokens: SourceTokens
  room: Room
  modelHub: Hub | undefined
}

@Module({})
class DownloaderModule {
  static with({ store, engine, orders, presentFiles, tokens, room }: Provided): DynamicModule {
    return {
      module: DownloaderModule,
      providers: [
        { provide: DownloaderStore, useValue: store },
        { provide: TransferEngine, useValue: engine },
        { provide: Orders, useValue: orders },
        { provide: PresentFiles, useValue: presentFiles },
        { provide: SourceTokens, useValue: tokens },
        { provide: ROOM, useValue: room },
        RequestsService,
        DownloadsService,
        SettingsService,
        DownloaderRpc,
        TokensRpc,
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
  server.serve(sourceTokens, app.get(TokensRpc))
  server.serve(hub, new HubRpc(provided.modelHub?.service))
  await app.listen()
  stack.defer(() => app.close())
  stack.use(await consumeAccess(bus, app.get(DownloadsService)))

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
  const reserve = { bytes: config.diskReserve, share: config.diskReserveShare }
  const space = modelsDirectory === undefined ? noModels : diskSpace(modelsDirectory, reserve)
  const hosts = new Hosts(config.connectionsPerHost)
  const bandwidth = stack.use(new ClusterBandwidth({ bucket: await redisBucket(config, log), log }))
  const watched = {
    bus,
    log,
    read: () => store.settings.get(),
    countReplicas: () => store.claims.countOwners(),
  }
  const keep = ({ settings, replicas }: Known) => {
    bandwidth.keep(settings, replicas)
    const share = Math.floor(settings.maxConnectionsPerHost / replicas)
    hosts.most = Math.max(1, Math.min(config.connectionsPerHost, share))
  }
  stack.use(await SettingsWatch.open(watched, keep))
  const tokens = new SourceTokens({
    repository: store.tokens,
    sealer: secrets,
    fallback: config.sourceTokens,
  })
  const origins = new SourceOrigins(config.sourceUrls)
  const hasher = stack.use(createHasher({ threads: 1 }))
  const budget = async () => (await store.settings.get()).diskBudgetBytes
  const modelHub =
    modelsDirectory === undefined
      ? undefined
      : stack.use(
          await openHubIfWritable({ config: config.hub, modelsDirectory, store, bus, log, hasher, budget }),
        )
  const presentFiles = new PresentFiles({
    ...(modelHub && { contents: modelHub.index }),
    catalog: createClient(bus, catalog),
    libraryCare: createClient(bus, libraryCare),
    root: modelsDirectory ?? '',
    log,
  })
  const files = new TransferFiles(modelsDirectory ?? '')
  const promisedSpace = new PromisedSpace({
    store,
    files,
    space,
    budget: async (bytes, promised) => await modelHub?.room.require(bytes, promised),
  })
  const engine = new TransferEngine({
    store,
    bus,
    log,
    feed: stack.use(new DownloadFeed({ bus, downloads: store.downloads, log })),
    files,
    promisedSpace,
    http,
    lanes: stack.use(new Lanes()),
    hosts,
    placement: new ThriftyPlacement(modelHub?.placement ?? noHub, presentFiles),
    wishes: wantedFiles({ sealer: secrets, tokens, origins }),
    bandwidth,
    space,
    stallMs,
    retryMs,
    retries,
    chunkBytes: config.chunkBytes,
    patience: config.patience,
    claims: modelHub !== undefined,
  })
  stack.use(engine)
  const orders = new Orders({
    needs: createClient(bus, needs),
    tokens,
    origins,
    sealer: secrets,
    allowPrivate,
  })
  return { store, engine, orders, presentFiles, tokens, room: modelHub ? promisedSpace : noModels, modelHub }
}

async function redisBucket({ redis }: DownloaderConfig, log: Logger): Promise<RedisBucket | undefined> {
  return redis.url && (await RedisBucket.open({ url: redis.url.reveal(), prefix: redis.prefix, log }))
}

const noModels = {
  require: () =>
    Promise.reject(
      new AppError('conflict', 'There is no models folder: set EASEL_MODELS_DIR', {
        reason: 'NO_MODELS_DIRECTORY',
      }),
    ),
}
