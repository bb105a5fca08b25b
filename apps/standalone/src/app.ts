import { startServers } from '@easel/embedded'
import { AppError } from '@easel/protocol'
import { loadConfig as catalogConfig, startCatalog } from '@easel/catalog/app'
import { loadConfig as downloaderConfig, startDownloader } from '@easel/downloader/app'
import { loadConfig as galleryConfig, startGallery } from '@easel/gallery/app'
import { loadConfig as gatewayConfig, startGateway } from '@easel/gateway/app'
import {
  loadConfig as controlConfig,
  loadWorkerConfig,
  startControl,
  startWorker,
} from '@easel/inference/app'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { loadCredentials } from './credentials.ts'
import { findComfy } from './find-comfy.ts'
import { lockHome } from './home-lock.ts'
import { requirePort } from './require-port.ts'
import { prepareDatabases } from './service-databases.ts'
import type { Env } from '@easel/config'
import type { Logger } from '@easel/observability'
import type { StandaloneConfig } from './config.ts'
import type { LoadedCredentials, ServiceName } from './credentials.ts'
import type { FoundComfy } from './find-comfy.ts'

export type Standalone = AsyncDisposable & {
  url: string
  home: string
  comfy: Pick<FoundComfy, 'urls' | 'simulated'>
  credentials: LoadedCredentials
}

export type Surroundings = {
  /** What the services read beside what is decided here. */
  env: Env
  /** The log of a part. */
  logOf: (service: string) => Logger
  /** Tells the person at the terminal what takes long. */
  say: (line: string) => void
}

/**
 * Starts the servers that have no URL, then the five services, each with settings that it could as well have
 * got from its own environment. Disposing it stops all in reverse.
 */
export async function startStandalone(
  config: StandaloneConfig,
  { env, logOf, say }: Surroundings,
): Promise<Standalone> {
  await using stack = new AsyncDisposableStack()
  const { home, host } = config
  const log = logOf('standalone')
  await mkdir(home, { recursive: true })
  stack.use(await lockHome(home))
  await requirePort(host, config.port)

  const credentials = await loadCredentials(home, config.first)
  const servers = stack.use(
    await startServers({
      home: join(home, 'servers'),
      urls: {
        postgres: config.servers.postgres?.reveal(),
        nats: config.servers.nats?.reveal(),
        redis: config.servers.redis?.reveal(),
      },
      mayInstall: config.mayInstall,
      log: (line) => (serverLine.test(line) ? log.debug(line) : say(line)),
      onExit: (name) => {
        log.fatal({ server: name }, 'a server ended; Easel stops with it')
        process.kill(process.pid, 'SIGTERM')
      },
    }),
  )
  const databases = await prepareDatabases(servers.urls.postgres, credentials.databasePasswords)
  const models = env.EASEL_MODELS_DIR ?? join(home, 'models')
  await mkdir(models, { recursive: true })
  const comfy = stack.use(await findComfy(config.comfyUrls, { folder: join(home, 'simulator'), models }))
  const shared: Env = {
    ...env,
    EASEL_STANDALONE: 'true',
    EASEL_NATS_URL: servers.urls.nats,
    EASEL_REDIS_URL: servers.urls.redis,
    EASEL_BLOBS: env.EASEL_BLOBS ?? pathToFileURL(join(home, 'blobs')).href,
    EASEL_MODELS_DIR: models,
    EASEL_SECRET: credentials.secret,
    EASEL_LOG_LEVEL: config.logLevel,
    EASEL_COMFYUI_URLS: comfy.urls.join(','),
  }
  const envOf = (service: ServiceName): Env => ({ ...shared, EASEL_DATABASE_URL: databases[service] })

  const gateway = startGateway(
    gatewayConfig({
      ...envOf('gateway'),
      EASEL_HOST: host,
      EASEL_PORT: String(config.port),
      EASEL_ADMIN_EMAIL: credentials.adminEmail,
      EASEL_ADMIN_PASSWORD: credentials.adminPassword,
      EASEL_BOOTSTRAP_API_KEY: credentials.apiKey,
      EASEL_WEB_DIRECTORY: env.EASEL_WEB_DIRECTORY ?? (await builtPage()),
    }),
    { log: logOf('gateway') },
  )
  await allOrNone(stack, [
    startControl(controlConfig(envOf('inference')), { log: logOf('inference') }),
    startGallery(galleryConfig(envOf('gallery')), { log: logOf('gallery') }),
    startCatalog(catalogConfig(envOf('catalog')), { log: logOf('catalog') }),
    startDownloader(downloaderConfig(envOf('downloader')), { log: logOf('downloader') }),
    gateway,
    ...loadWorkerConfig(shared).map((worker) => startWorker(worker, { log: logOf('worker') })),
  ])

  const { url } = await gateway
  const owned = stack.move()
  return {
    url,
    home,
    comfy,
    credentials,
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync()
    },
  }
}

/** Undefined in a checkout whose page has not been built. */
async function builtPage(): Promise<string | undefined> {
  const directory = fileURLToPath(new URL('../../web/dist', import.meta.url))
  return await access(join(directory, 'index.html')).then(
    () => directory,
    () => undefined,
  )
}

/** What a server wrote, as against what is said about starting it. */
const serverLine = /^(postgres|nats|redis): /

/** Started side by side; when one cannot, those that could are stopped with the rest of the stack. */
async function allOrNone(
  stack: AsyncDisposableStack,
  starting: readonly Promise<AsyncDisposable>[],
): Promise<void> {
  const outcomes = await Promise.allSettled(starting)
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') stack.use(outcome.value)
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason instanceof Error ? failed.reason : AppError.from(failed.reason)
}
