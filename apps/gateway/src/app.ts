import 'reflect-metadata'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { openBus, publishFacts, watchFacts } from '@easel/bus'
import { createGuardedHttp } from '@easel/http'
import { Database, migrate, openDatabase, startOutboxRelay } from '@easel/database'
import { createLogger, createMetrics, injectTrace } from '@easel/observability'
import { NestFactory } from '@nestjs/core'
import { Redis } from 'ioredis'
import { controllers } from './controllers.ts'
import { ActivityConsumer } from './events/activity.consumer.ts'
import { ActivityRepository } from './events/activity.repository.ts'
import { EventHub } from './events/event-hub.ts'
import { Heartbeats } from './events/heartbeats.ts'
import { EventSockets } from './events/event-sockets.service.ts'
import { EventStreams } from './events/event-streams.service.ts'
import { GatewayModule } from './gateway.module.ts'
import { Gate } from './http/gate.ts'
import { serveHealth } from './http/health.ts'
import { servePlainPage, serveReference, serveWeb } from './http/pages.ts'
import { serveRoute } from './http/serve-route.ts'
import type { RouteServing } from './http/serve-route.ts'
import { makeAdapter, prepareServer } from './http/server.ts'
import { Idempotency } from './idempotency/idempotency.service.ts'
import { Bootstrap } from './identity/bootstrap.ts'
import { IdentityChanges } from './identity/identity-changes.ts'
import { openConfiguredBlobs } from '@easel/blobs'
import { writeDocument } from './openapi/document.ts'
import { actOf, AuditRepository } from './people/audit.repository.ts'
import { PartChecks } from './system/part-checks.service.ts'
import { BLOBS, BUS, CONFIG, LOG, METRICS, WEBHOOK_HTTP } from './tokens.ts'
import { version } from './version.ts'
import { Deliverer } from './webhooks/deliverer.service.ts'
import { DeliveriesRepository } from './webhooks/deliveries.repository.ts'
import { Dispatcher } from './webhooks/dispatcher.service.ts'
import { timeouts as webhookTimeouts } from './webhooks/post.ts'
import { WebhooksService } from './webhooks/webhooks.service.ts'
import type { LookupFunction } from 'node:net'
import type { Logger, Metrics } from '@easel/observability'
import type { INestApplicationContext, Provider } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { GatewayConfig } from './config.ts'
import type { Controller, Route } from './http/route.ts'
import type { Bootstrapped } from './identity/bootstrap.ts'

export { loadConfig } from './config.ts'
export type { GatewayConfig } from './config.ts'

export type GatewayDeps = {
  readonly log?: Logger
  readonly metrics?: Metrics
  /** Resolves the hosts of webhooks. */
  readonly lookup?: LookupFunction
}

export type Gateway = AsyncDisposable & {
  readonly url: string
  readonly port: number
  /** What the first start made; undefined on every later one. */
  readonly bootstrapped: Bootstrapped | undefined
  /** Every route of the API: what must hold for all of them can be tested for all of them. */
  readonly routes: readonly Route[]
}

const sweepMs = 60 * 60_000
/** Thousands of listeners come back at once after a restart; the kernel has its own limit. */
const backlog = 4_096
const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

export async function startGateway(config: GatewayConfig, deps: GatewayDeps = {}): Promise<Gateway> {
  await using started = new AsyncDisposableStack()
  const log =
    deps.log ??
    createLogger({ service: 'gateway', level: config.runtime.logLevel, pretty: config.runtime.logPretty })
  const metrics = deps.metrics ?? createMetrics('gateway')
  await migrateGateway(config.database.url.reveal())
  const outside = await openOutside(
    config,
    { log, metrics, ...(deps.lookup && { lookup: deps.lookup }) },
    started,
  )

  const adapter = makeAdapter(config)
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.over(outside), adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  })
  const server = adapter.getInstance()
  started.defer(() => closeServer(app, config.runtime.graceMs))
  await prepareServer(server, { config, log, metrics })
  const served = serveAll(app, { config, log, metrics })
  started.use(app.get(IdentityChanges))
  started.use(app.get(Heartbeats))
  const hub = started.use(app.get(EventHub))
  await hub.start()
  const bootstrapped = await app.get(Bootstrap).run()
  started.use(app.get(ActivityConsumer)).start()
  await app.get(WebhooksService).renewSecrets()
  started.use(app.get(Deliverer)).start()
  started.use(app.get(Dispatcher)).start()
  startSweeps(app, { config, log }, started)

  await app.init()
  await app.listen({ ...config.listen, backlog })
  started.use(app.get(EventStreams))
  started.defer(() => served.drain())
  const { port } = server.server.address() as { port: number }
  const host = config.listen.host.includes(':') ? `[${config.listen.host}]` : config.listen.host
  const owned = started.move()
  return {
    url: `http://${host}:${port}`,
    port,
    bootstrapped,
    routes: served.routes,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Ends when every request under way has ended, or its time is over. */
async function closeServer(app: NestFastifyApplication, graceMs: number): Promise<void> {
  const server = app.getHttpServer()
  // A connection that was busy when the stop began would stay open as idle.
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const late = setTimeout(() => server.closeAllConnections(), Math.max(1_000, graceMs - 5_000))
  try {
    await app.close()
  } finally {
    clearInterval(idle)
    clearTimeout(late)
  }
}

/** Brings the gateway's schema to the newest migration. */
export async function migrateGateway(url: string): Promise<void> {
  await migrate({ url, schema: 'gateway', directory: migrations })
}

type Tools = Required<Pick<GatewayDeps, 'log' | 'metrics'>> & Pick<GatewayDeps, 'lookup'>

async function openOutside(
  config: GatewayConfig,
  { log, metrics, lookup }: Tools,
  started: AsyncDisposableStack,
): Promise<Provider[]> {
  const { url, poolSize } = config.database
  const database = started.use(
    openDatabase({ url: url.reveal(), schema: 'gateway', poolSize, headers: injectTrace, log }),
  )
  const bus = started.use(await openBus(config.nats, { name: `gateway@${hostname()}`, log }))
  const relay = started.use(
    startOutboxRelay({ database, publish: (messages) => publishFacts(bus, messages), log }),
  )
  started.use(watchFacts(bus, () => relay.repeat()))
  const redis = openRedis(config, log)
  started.defer(() => redis.disconnect())
  const blobs = started.use(await openConfiguredBlobs(config.blobs))
  const webhookHttp = started.use(
    createGuardedHttp({
      allowPrivate: config.webhooks.allowPrivate,
      timeouts: webhookTimeouts,
      userAgent: `Easel-Webhooks/${version}`,
      ...(lookup && { lookup }),
    }),
  )
  return [
    { provide: CONFIG, useValue: config },
    { provide: LOG, useValue: log },
    { provide: METRICS, useValue: metrics },
    { provide: BUS, useValue: bus },
    { provide: BLOBS, useValue: blobs },
    { provide: Redis, useValue: redis },
    { provide: Database, useValue: database },
    { provide: WEBHOOK_HTTP, useValue: webhookHttp },
  ]
}

/** Answers or fails at once: whoever asks knows what to do without it, and a queue would only make it late. */
function openRedis(config: GatewayConfig, log: Logger): Redis {
  const redis = new Redis(config.redis.url.reveal(), {
    maxRetriesPerRequest: 0,
    commandTimeout: 1_000,
    connectTimeout: 2_000,
    retryStrategy: (times) => Math.min(1_000, times * 50),
  })
  redis.on('error', (error: Error) => log.warn({ err: error }, 'Redis does not answer'))
  return redis
}

function serveAll(
  app: INestApplicationContext & Pick<NestFastifyApplication, 'getHttpAdapter'>,
  parts: Tools & { config: GatewayConfig },
) {
  const server = app.getHttpAdapter().getInstance()
  const all: Controller[] = controllers.map((controller) => app.get<Controller>(controller))
  const audit = app.get(AuditRepository)
  const serving: RouteServing = {
    gate: app.get(Gate),
    idempotency: app.get(Idempotency),
    onForeignAct: ({ action, target, ...acting }) => audit.add(actOf(acting, action, target)),
  }
  const routes = all.flatMap((controller) => controller.routes)
  for (const route of routes) serveRoute(server, route, serving)
  serveReference(server, writeDocument(all, version))
  const { webDirectory } = parts.config
  if (webDirectory === undefined) servePlainPage(server)
  else serveWeb(server, webDirectory)
  app.get(EventSockets).serve(server.server)
  const drain = serveHealth(server, { ...parts, checks: app.get(PartChecks).all })
  return { routes, drain }
}

function startSweeps(
  app: INestApplicationContext,
  { config, log }: { config: GatewayConfig; log: Logger },
  started: AsyncDisposableStack,
): void {
  const { keepDeliveredMs: deliveredMs, keepFailedMs: failedMs } = config.webhooks
  const sweep = async () => {
    try {
      await Promise.all([
        app.get(Idempotency).sweep(),
        app.get(ActivityRepository).sweep(),
        app.get(DeliveriesRepository).sweep({ deliveredMs, failedMs }),
      ])
    } catch (cause) {
      log.warn({ err: cause }, 'old rows were not removed')
    }
  }
  const timer = setInterval(() => void sweep(), sweepMs)
  timer.unref()
  started.defer(() => clearInterval(timer))
}
