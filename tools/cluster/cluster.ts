import { freePort } from '@easel/embedded'
import { tempDirectory } from '@easel/testing'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { serverNames, startClusterServers } from './cluster-servers.ts'
import { Links } from './links.ts'
import { ServiceProcess } from './service-process.ts'
import type { ServerName } from '@easel/embedded'
import type { ServerProcess } from './cluster-servers.ts'
import type { Link } from './links.ts'
import type { Environment } from './service-process.ts'

export const serviceNames = ['gateway', 'inference', 'gallery', 'catalog', 'downloader'] as const
export type ServiceName = (typeof serviceNames)[number]

/** A cluster of built programs (`pnpm build` first) with real servers, each a process of its own. */
export type ClusterOptions = {
  /** One worker is started for each. */
  comfyUrls: readonly string[]
  /** Processes to spread the workers over. Default: ten workers in each. */
  workerProcesses?: number
  /** Of every service, or of some; default 1. Control is `inference`. */
  replicas?: number | Partial<Record<ServiceName, number>>
  /** Every connection goes through a TCP proxy of this process, see `Cluster.links`. */
  links?: boolean
  /** The servers sync what they confirm, as in production. Default: they do not, which is faster. */
  durable?: boolean
  /** Where servers and blobs are kept. Left out: a temporary folder, removed at the end. */
  home?: string
  /** Settings beside the usual ones: for all, then for one kind. */
  env?: Environment
  envOf?: Partial<Record<ServiceName | 'worker', Environment>>
  /** Something ended that nobody stopped. */
  onExit?: (name: string, said: string) => void
  log?: (line: string) => void
}

export type Cluster = AsyncDisposable & {
  /** The gateways. */
  readonly urls: readonly string[]
  /** Of the administrator. */
  readonly apiKey: string
  /** Ids of the workers, in the order of `comfyUrls`. */
  readonly workerIds: readonly string[]
  /** Services and workers: `gateway-1`, `worker-3` … */
  readonly processes: readonly ServiceProcess[]
  readonly servers: Readonly<Record<ServerName, ServerProcess>>
  /** One for each pair of parts that talk: process to server, worker to ComfyUI, `client` to gateway. Empty unless asked for. */
  readonly links: readonly Link[]
  readonly blobs: string
  process(name: string): ServiceProcess
  /** Where two parts are connected; a part left out stands for any. */
  linksBetween(ends: { from?: string; to?: string }): Link[]
}

const workersInProcess = 10
/** Postgres takes 200 connections; some are for tests that look. */
const allConnections = 160

type Shared = {
  servers: Record<ServerName, ServerProcess>
  links: Links
  options: ClusterOptions
  blobs: string
}

/** Starts all and resolves when every part is ready. Disposing it ends all in reverse. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  await using stack = new AsyncDisposableStack()
  const { comfyUrls, onExit = () => {}, log = () => {} } = options
  const home = options.home ?? stack.use(await tempDirectory()).path
  await mkdir(join(home, 'models'), { recursive: true })
  const blobs = join(home, 'blobs')
  // While it starts, whoever waits for a part hears of its end.
  let watching = false
  const servers = await startClusterServers({
    home: join(home, 'servers'),
    durable: options.durable ?? false,
    onExit: (name) => {
      if (watching) onExit(name, '')
    },
    log: () => {},
  })
  for (const name of serverNames) stack.use(servers[name])
  log('postgres, nats and redis are ready')

  const links = stack.use(new Links(options.links ?? false))
  const shared = { servers, links, options, blobs }
  const apiKey = `esl_${randomBytes(20).toString('hex')}`
  const processes: ServiceProcess[] = []
  stack.defer(async () => {
    watching = false
    // Workers hand back what they run while control still listens.
    const kinds = [/^gateway/, /^worker/, /^(?!gateway|worker)/]
    for (const kind of kinds) {
      await Promise.all(processes.filter(({ name }) => kind.test(name)).map((each) => each.stop()))
    }
  })
  const tell = (name: string) => {
    if (watching) onExit(name, processes.find((each) => each.name === name)?.output ?? '')
  }
  const addresses: string[] = []
  for (const plan of [...(await servicePlans(shared, apiKey)), ...(await workerPlans(shared))]) {
    processes.push(new ServiceProcess({ ...plan, onExit: tell }))
    if (plan.address !== undefined) addresses.push(plan.address)
  }
  // The first of each kind makes its tables; gateways ask the others whether they are ready.
  const isFirst = ({ name }: ServiceProcess) => name.endsWith('-1')
  const isGateway = ({ name }: ServiceProcess) => name.startsWith('gateway')
  await startAll(processes.filter((each) => isFirst(each) && !isGateway(each)))
  await startAll(processes.filter((each) => !isFirst(each) && !isGateway(each)))
  await startAll(processes.filter((each) => isFirst(each) && isGateway(each)))
  await startAll(processes.filter((each) => !isFirst(each) && isGateway(each)))
  log(`${processes.length} processes are ready`)
  watching = true

  const owned = stack.move()
  return {
    urls: addresses,
    apiKey,
    workerIds: chunks(comfyUrls, workerProcessesOf(options)).flatMap((part, index) =>
      part.map((_, at) => (part.length === 1 ? `worker-${index + 1}` : `worker-${index + 1}-${at + 1}`)),
    ),
    processes,
    servers,
    links: links.all,
    blobs,
    process(name) {
      const found = processes.find((each) => each.name === name)
      if (!found) throw new RangeError(`There is no process ${name}`)
      return found
    },
    linksBetween: ({ from, to }) =>
      links.all.filter((link) => (from ?? link.from) === link.from && (to ?? link.to) === link.to),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Plan = { name: string; entry: string; env: Environment; healthUrl: string; address?: string }

async function servicePlans(shared: Shared, apiKey: string): Promise<Plan[]> {
  const { options, servers, links } = shared
  const secret = randomBytes(32).toString('hex')
  const counts = serviceNames.map((service) => replicasOf(options, service))
  const total = counts.reduce((sum, count) => sum + count, 0)
  const poolSize = String(Math.max(4, Math.min(10, Math.floor(allConnections / total))))
  const plans: Plan[] = []
  for (const [at, service] of serviceNames.entries()) {
    for (let replica = 1; replica <= counts[at]!; replica++) {
      const name = `${service}-${replica}`
      const gateway = service === 'gateway' ? await gatewayAt(shared, name) : undefined
      const health = await freePort()
      plans.push({
        name,
        entry: `apps/${service}/dist/main.js`,
        healthUrl: gateway?.own ?? `http://127.0.0.1:${health}`,
        ...(gateway && { address: gateway.address }),
        env: {
          ...(await commonEnv(shared, name)),
          EASEL_HEALTH_PORT: String(health),
          EASEL_DATABASE_URL: await links.url(name, 'postgres', servers.postgres.url),
          EASEL_REDIS_URL: await links.url(name, 'redis', servers.redis.url),
          EASEL_SECRET: secret,
          EASEL_MODELS_DIR: join(shared.blobs, '../models'),
          [`EASEL_${service.toUpperCase()}_POOL_SIZE`]: poolSize,
          ...(service === 'inference' && { EASEL_INFERENCE_ROLE: 'control' }),
          ...(gateway && {
            EASEL_PORT: gateway.port,
            EASEL_ADMIN_EMAIL: 'admin@easel.test',
            EASEL_ADMIN_PASSWORD: randomBytes(20).toString('hex'),
            EASEL_BOOTSTRAP_API_KEY: apiKey,
            EASEL_CALLS_PER_MINUTE: '0',
            EASEL_ANONYMOUS_CALLS_PER_MINUTE: '0',
          }),
          ...options.env,
          ...options.envOf?.[service],
        },
      })
    }
  }
  return plans
}

async function gatewayAt({ links }: Shared, name: string) {
  const port = String(await freePort())
  const own = `http://127.0.0.1:${port}`
  return { port, own, address: await links.url('client', name, own) }
}

async function workerPlans(shared: Shared): Promise<Plan[]> {
  const { options, links } = shared
  let comfy = 0
  return Promise.all(
    chunks(options.comfyUrls, workerProcessesOf(options)).map(async (urls, index) => {
      const name = `worker-${index + 1}`
      const health = await freePort()
      const numbered = urls.map((url) => ({ url, to: `comfy-${++comfy}` }))
      const through = await Promise.all(numbered.map(({ url, to }) => links.url(name, to, url)))
      return {
        name,
        entry: 'apps/inference/dist/main.js',
        healthUrl: `http://127.0.0.1:${health}`,
        // A worker gets no database and no secret.
        env: {
          ...(await commonEnv(shared, name)),
          EASEL_HEALTH_PORT: String(health),
          EASEL_INFERENCE_ROLE: 'worker',
          EASEL_WORKER_ID: name,
          EASEL_COMFYUI_URLS: through.join(','),
          ...options.env,
          ...options.envOf?.worker,
        },
      }
    }),
  )
}

async function commonEnv({ servers, links, blobs }: Shared, name: string): Promise<Environment> {
  return {
    EASEL_NATS_URL: await links.url(name, 'nats', servers.nats.url),
    EASEL_BLOBS: `file:${blobs}`,
    EASEL_LOG_LEVEL: 'warn',
    EASEL_GRACE: '10s',
  }
}

async function startAll(processes: readonly ServiceProcess[]): Promise<void> {
  await Promise.all(processes.map((each) => each.start()))
}

function replicasOf({ replicas = 1 }: ClusterOptions, service: ServiceName): number {
  return typeof replicas === 'number' ? replicas : (replicas[service] ?? 1)
}

function workerProcessesOf({ comfyUrls, workerProcesses }: ClusterOptions): number {
  return Math.min(comfyUrls.length, workerProcesses ?? Math.ceil(comfyUrls.length / workersInProcess))
}

/** Neighbours together, in parts whose sizes differ by one at most. */
export function chunks<T>(items: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, index) =>
    items.slice(Math.floor((index * items.length) / count), Math.floor(((index + 1) * items.length) / count)),
  )
}
