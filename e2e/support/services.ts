import { startComfySim } from '@easel/comfy-sim'
import { startServers } from '@easel/embedded'
import { tempDirectory } from '@easel/testing'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, ready, startProgram } from './program.ts'
import { bootstrapKey } from './standalone.ts'
import type { ComfySim, ComfySimOptions } from '@easel/comfy-sim'
import type { Program } from './program.ts'

export const serviceNames = ['gateway', 'inference', 'worker', 'gallery', 'catalog', 'downloader'] as const
export type ServiceName = (typeof serviceNames)[number]

export type Services = AsyncDisposable & {
  url: string
  simulators: readonly ComfySim[]
  /** kill -9, and the same program again. */
  killAndRestart(name: ServiceName): Promise<void>
  kill(name: ServiceName): Promise<void>
  start(name: ServiceName): Promise<void>
}

export type ServicesOptions = Pick<ComfySimOptions, 'stepMs' | 'nodePacks'> & {
  /** Real ComfyUI servers, in place of the simulator. */
  comfyUrls?: readonly string[]
  /** Settings of every process, beside its own. */
  env?: Readonly<Record<string, string>>
}

/** Every service a process of its own, as on a cluster, over one set of real servers. */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const { comfyUrls, env = {}, ...simulated } = options
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await tempDirectory())
  const servers = stack.use(await startServers({ home: join(folder.path, 'servers'), unsafe: true }))
  const simulator = stack.use(await startComfySim({ stepMs: 5, modelLoadMs: 20, ...simulated }))
  const port = await freePort()
  const models = join(folder.path, 'models')
  await mkdir(models)
  const common = {
    EASEL_NATS_URL: servers.urls.nats,
    EASEL_BLOBS: `file:${join(folder.path, 'blobs')}`,
    EASEL_LOG_LEVEL: 'warn',
    EASEL_GRACE: '10s',
    ...env,
  }
  const database = {
    ...common,
    EASEL_DATABASE_URL: servers.urls.postgres,
    EASEL_REDIS_URL: servers.urls.redis,
    EASEL_SECRET: randomBytes(32).toString('hex'),
    EASEL_MODELS_DIR: models,
  }
  const settings: Record<ServiceName, Record<string, string>> = {
    gateway: {
      ...database,
      EASEL_PORT: String(port),
      EASEL_ADMIN_EMAIL: 'admin@easel.test',
      EASEL_ADMIN_PASSWORD: 'a long pass phrase for tests',
      EASEL_BOOTSTRAP_API_KEY: bootstrapKey,
    },
    inference: { ...database, EASEL_INFERENCE_ROLE: 'control' },
    // A worker gets no database and no secret.
    worker: {
      ...common,
      EASEL_INFERENCE_ROLE: 'worker',
      EASEL_COMFYUI_URLS: (comfyUrls ?? [simulator.url]).join(','),
    },
    gallery: database,
    catalog: database,
    downloader: database,
  }

  const programs = new Map<ServiceName, Program>()
  const health = new Map<ServiceName, string>()
  stack.defer(async () => {
    await Promise.all([...programs.values()].map((program) => program[Symbol.asyncDispose]()))
  })
  const start = async (name: ServiceName) => {
    const healthPort = await freePort()
    const app = name === 'worker' ? 'inference' : name
    programs.set(
      name,
      startProgram(`apps/${app}/dist/main.js`, { ...settings[name], EASEL_HEALTH_PORT: String(healthPort) }),
    )
    health.set(name, `http://127.0.0.1:${healthPort}`)
    const url = name === 'gateway' ? `http://127.0.0.1:${port}` : health.get(name)!
    await ready(programs.get(name)!, url)
  }
  const kill = (name: ServiceName) => programs.get(name)!.kill()
  await Promise.all(serviceNames.filter((name) => name !== 'gateway').map(start))
  await start('gateway')

  const owned = stack.move()
  return {
    url: `http://127.0.0.1:${port}`,
    simulators: [simulator],
    kill,
    start,
    async killAndRestart(name) {
      await kill(name)
      await start(name)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
