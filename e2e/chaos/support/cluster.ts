import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@easel/embedded'
import { bootstrapKey } from '../../support/standalone.ts'
import { Links } from './links.ts'
import { Member } from './member.ts'
import { openServers } from './server.ts'
import type { Servers } from './server.ts'

export type ClusterOptions = {
  /** Everything of it lies here. */
  folder: string
  /** Where logs and compiled code go, which need not be as safe. The same, unless said. */
  scratch?: string
  workers: number
  controls?: number
  gateways?: number
  /** Catalog and downloader, too: without them no gateway is ready, though it does all that jobs need. */
  whole?: boolean
  /** For a power cut, data must be as safe as in production. */
  unsafe?: boolean
}

export type Cluster = AsyncDisposable & {
  readonly folder: string
  readonly blobs: string
  readonly servers: Servers
  readonly links: Links
  readonly members: readonly Member[]
  /** Where clients find the gateways. */
  readonly gateways: readonly string[]
  of(role: Role): readonly Member[]
  untilReady(timeoutMs?: number): Promise<void>
}

export type Role = 'gateway' | 'control' | 'worker' | 'comfyui' | 'gallery' | 'catalog' | 'downloader'

/** On a machine that has much else to do. */
const startMs = 240_000

const repository = join(import.meta.dirname, '../../..')
const inside = (file: string) => join(repository, 'e2e/chaos/inside', file)

/** Every service a process of its own, two of control and gateway, each way between two parts through a proxy. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, scratch = folder, controls = 2, gateways = 2, whole = true, unsafe = true } = options
  await using stack = new AsyncDisposableStack()
  const servers = await openServers(stack, { folder, unsafe })
  const links = stack.use(new Links())
  const members: Member[] = []
  const [blobs, models] = [join(folder, 'blobs'), join(folder, 'models')]
  await mkdir(models, { recursive: true })
  await mkdir(join(scratch, 'logs'))
  const secret = randomBytes(32).toString('hex')

  const add = async (role: Role, number: number, app: string, env: Record<string, string> = {}) => {
    const name = `${role}-${number}`
    const [health, port] = [await freePort(), await freePort()]
    const withDatabase: Record<string, string> =
      role === 'worker'
        ? {}
        : {
            EASEL_DATABASE_URL: await links.lay(name, 'postgres', servers.postgres.url),
            EASEL_SECRET: secret,
            EASEL_MODELS_DIR: models,
          }
    if (role === 'gateway') {
      withDatabase.EASEL_REDIS_URL = await links.lay(name, 'redis', servers.redis.url)
      withDatabase.EASEL_PORT = String(port)
    }
    members.push(
      new Member({
        name,
        args: [`--import=${inside('faults.ts')}`, join(repository, `apps/${app}/dist/main.js`)],
        logFile: logOf(scratch, name),
        readyUrl: `http://127.0.0.1:${role === 'gateway' ? port : health}/readyz`,
        env: {
          ...common(scratch, blobs),
          EASEL_NATS_URL: await links.lay(name, 'nats', servers.nats.url),
          EASEL_HEALTH_PORT: String(health),
          ...withDatabase,
          ...env,
        },
      }),
    )
  }
  const times = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
  for (const number of times(controls)) {
    await add('control', number, 'inference', control)
  }
  for (const number of times(options.workers)) {
    const comfy = await simulator({ folder, scratch }, number)
    members.push(comfy)
    await add('worker', number, 'inference', {
      EASEL_INFERENCE_ROLE: 'worker',
      EASEL_WORKER_ID: `worker-${number}`,
      EASEL_COMFYUI_URLS: await links.lay(`worker-${number}`, comfy.name, comfy.url),
      EASEL_COMFYUI_STALL_TIME: '8s',
    })
  }
  // Sweeps go on among the faults; what counts as left behind is older than any of them.
  await add('gallery', 1, 'gallery', { EASEL_GALLERY_SWEEP: '5s', EASEL_GALLERY_ORPHAN_AGE: '10m' })
  if (whole) {
    await add('catalog', 1, 'catalog')
    await add('downloader', 1, 'downloader')
  }
  for (const number of times(gateways)) await add('gateway', number, 'gateway', first)

  stack.defer(async () => {
    await Promise.all(members.map((member) => member[Symbol.asyncDispose]()))
  })
  const of = (role: Role) => members.filter(({ name }) => name.startsWith(`${role}-`))
  const untilReady = async (timeoutMs?: number) => {
    const asked = members.filter((member) => whole || !of('gateway').includes(member))
    await Promise.all(asked.map((member) => member.untilReady(timeoutMs)))
  }
  // One of each first: it makes its schema, and fills the cache of compiled code for the others.
  const firsts = members.filter(({ name }) => name.endsWith('-1'))
  for (const member of firsts) member.start()
  await Promise.all(
    firsts
      .filter((member) => whole || !of('gateway').includes(member))
      .map((member) => member.untilReady(startMs)),
  )
  for (const member of members) if (!firsts.includes(member)) member.start()
  await untilReady(startMs)

  const owned = stack.move()
  return {
    folder,
    blobs,
    servers,
    links,
    members,
    gateways: of('gateway').map(({ url }) => url),
    of,
    untilReady,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const logOf = (scratch: string, name: string) => join(scratch, 'logs', `${name}.log`)

/** Nothing here runs for longer than a few seconds by itself. */
const control = { EASEL_INFERENCE_ROLE: 'control', EASEL_ATTEMPT_TIMEOUT_FLOOR: '45s' }

/** The first account, made by whichever gateway comes first. */
const first = {
  EASEL_ADMIN_EMAIL: 'admin@easel.test',
  EASEL_ADMIN_PASSWORD: 'a long pass phrase for tests',
  EASEL_BOOTSTRAP_API_KEY: bootstrapKey,
  EASEL_ANONYMOUS_CALLS_PER_MINUTE: '0',
  // The receiver of the webhooks is on this machine.
  EASEL_WEBHOOK_ALLOW_PRIVATE: 'true',
}

function common(scratch: string, blobs: string): Record<string, string> {
  return {
    EASEL_BLOBS: `file:${blobs}`,
    EASEL_LOG_LEVEL: 'info',
    EASEL_GRACE: '8s',
    // Starting is most of what a killed process costs.
    NODE_COMPILE_CACHE: join(scratch, 'compiled'),
    NODE_NO_WARNINGS: '1',
  }
}

async function simulator(
  { folder, scratch }: { folder: string; scratch: string },
  number: number,
): Promise<Member> {
  const port = await freePort()
  const files = join(folder, `comfyui-${number}`)
  await mkdir(files, { recursive: true })
  return new Member({
    name: `comfyui-${number}`,
    logFile: logOf(scratch, `comfyui-${number}`),
    args: ['--conditions=@easel/source', inside('simulator.ts'), String(port), files],
    readyUrl: `http://127.0.0.1:${port}/system_stats`,
    env: { NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: join(scratch, 'compiled') },
  })
}
