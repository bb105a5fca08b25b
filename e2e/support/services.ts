import { startComfySim } from '@easel/comfy-sim'
import { startServers } from '@easel/embedded'
import { tempDirectory } from '@easel/testing'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@easel/embedded'
import { ready, startProgram } from './program.ts'
import { bootstrapKey } from './standalone.ts'
import type { ComfySim, ComfySimOptions } from '@easel/comfy-sim'
import type { Program } from './program.ts'

export const serviceNames = ['gateway', 'inference', 'worker', 'gallery', 'catalog', 'downloader'] as const
export type ServiceName = (typeof serviceNames)[number]

export type Services = AsyncDisposable & {
  /** Of the first gateway. */
  url: string
  gatewayUrls: readonly string[]
  /** One before each worker. */
  simulators: readonly ComfySim[]
  replicas: number
  /** kill -9, and the same program again. Replicas are counted from 0. */
  killAndRestart(name: ServiceName, replica?: number): Promise<void>
  kill(name: ServiceName, replica?: number): Promise<void>
  /** SIGTERM; gives the exit code. */
  stop(name: ServiceName, replica?: number): Promise<number | string>
  start(name: ServiceName, replica?: number): Promise<void>
  program(name: ServiceName, replica?: number): Program
}

export type ServicesOptions = Pick<ComfySimOptions, 'stepMs' | 'nodePacks'> & {
  /** Real ComfyUI servers, in place of the simulator. */
  comfyUrls?: readonly string[]
  /** Of each service; 1 unless said. */
  replicas?: number
  /** Settings of every process, beside its own. */
  env?: Readonly<Record<string, string>>
}

/** Every service a process of its own, as on a cluster, over one set of real servers. */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const { comfyUrls, env = {}, replicas = 1, ...simulated } = options
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await tempDirectory())
  const servers = stack.use(await startServers({ home: join(folder.path, 'servers'), unsafe: true }))
  const models = join(folder.path, 'models')
  await mkdir(models)
  const each = Array.from({ length: replicas }, (_, replica) => replica)
  const simulators = await Promise.all(
    each.map(async () =>
      stack.use(await startComfySim({ stepMs: 5, modelLoadMs: 20, modelsDirectory: models, ...simulated })),
    ),
  )
  const ports = await Promise.all(each.map(() => freePort()))
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
  const settingsOf = (replica: number): Record<ServiceName, Record<string, string>> => ({
    gateway: {
      ...database,
      EASEL_PORT: String(ports[replica]),
      EASEL_ADMIN_EMAIL: 'admin@easel.test',
      EASEL_ADMIN_PASSWORD: 'a long pass phrase for tests',
      EASEL_BOOTSTRAP_API_KEY: bootstrapKey,
      EASEL_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
    },
    inference: { ...database, EASEL_INFERENCE_ROLE: 'control' },
    // A worker gets no database and no secret.
    worker: {
      ...common,
      EASEL_INFERENCE_ROLE: 'worker',
      EASEL_COMFYUI_URLS: (comfyUrls ?? [simulators[replica]!.url]).join(','),
    },
    gallery: database,
    catalog: database,
    downloader: database,
  })

  const programs = new Map<string, Program>()
  stack.defer(async () => {
    await Promise.all([...programs.values()].map((program) => program[Symbol.asyncDispose]()))
  })
  const urlOf = (replica: number) => `http://127.0.0.1:${ports[replica]}`
  const start = async (name: ServiceName, replica = 0) => {
    const healthPort = await freePort()
    const app = name === 'worker' ? 'inference' : name
    const settings = { ...settingsOf(replica)[name], EASEL_HEALTH_PORT: String(healthPort) }
    const program = startProgram(`apps/${app}/dist/main.js`, settings)
    programs.set(`${name} ${replica}`, program)
    await ready(program, name === 'gateway' ? urlOf(replica) : `http://127.0.0.1:${healthPort}`)
  }
  const program = (name: ServiceName, replica = 0) => programs.get(`${name} ${replica}`)!
  const kill = (name: ServiceName, replica = 0) => program(name, replica).kill()
  for (const replica of each) {
    await Promise.all(serviceNames.filter((name) => name !== 'gateway').map((name) => start(name, replica)))
    await start('gateway', replica)
  }

  const owned = stack.move()
  return {
    url: urlOf(0),
    gatewayUrls: each.map(urlOf),
    simulators,
    replicas,
    kill,
    start,
    program,
    async killAndRestart(name, replica) {
      await kill(name, replica)
      await start(name, replica)
    },
    stop(name, replica) {
      const { process, ended } = program(name, replica)
      process.kill('SIGTERM')
      return ended
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
