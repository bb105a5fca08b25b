import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { newPassword, startNats, startPostgres, startRedis } from '@easel/embedded'
import { waitFor } from '@easel/testing'
import type { Server } from '@easel/embedded'
import { freePort } from '@easel/embedded'

/** A real server that can die and come back on its port, with its data. */
export class RestartableServer implements AsyncDisposable {
  readonly #start: () => Promise<Server>
  #server: Server | undefined

  private constructor(start: () => Promise<Server>) {
    this.#start = start
  }

  static async open(start: () => Promise<Server>): Promise<RestartableServer> {
    const server = new RestartableServer(start)
    await server.start()
    return server
  }

  get url(): string {
    return this.#server!.url
  }

  get pid(): number {
    return this.#server!.pid
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#server!.exited
  }

  async stop(): Promise<void> {
    await this.#server![Symbol.asyncDispose]()
  }

  /** What a killed one left behind (backends of Postgres that still leave) may refuse the first tries. */
  async start(): Promise<void> {
    this.#server = await waitFor(() => this.#start(), { timeoutMs: 30_000, describe: 'a server to start' })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

export type Servers = {
  postgres: RestartableServer
  nats: RestartableServer
  redis: RestartableServer
  /** The folder of NATS' streams. */
  natsFolder: string
}

export type ServersOptions = {
  folder: string
  /** Nothing is synced: what a killed process loses is the same, and a power cut is not played. */
  unsafe: boolean
}

/** Each on a port that it keeps. */
export async function openServers(
  stack: AsyncDisposableStack,
  { folder, unsafe }: ServersOptions,
): Promise<Servers> {
  const password = newPassword()
  const [postgresPort, natsPort, redisPort] = [await freePort(), await freePort(), await freePort()]
  const natsFolder = join(folder, 'nats')
  const open = async (start: () => Promise<Server>) => stack.use(await RestartableServer.open(start))
  const [postgres, nats, redis] = await Promise.all([
    open(() =>
      startPostgres({ dataDirectory: join(folder, 'postgres'), password, unsafe, port: postgresPort }),
    ),
    open(() => startNats({ storeDirectory: natsFolder, password, port: natsPort })),
    open(() =>
      startRedis({ dataDirectory: join(folder, 'redis'), password, appendOnly: false, port: redisPort }),
    ),
  ])
  return { postgres, nats, redis, natsFolder }
}

/** The streams as they are now: what would be on the disk if nothing that comes after were synced. */
export async function copyStreams({ nats, natsFolder }: Servers, to: string): Promise<void> {
  nats.signal('SIGSTOP')
  try {
    await rm(to, { recursive: true, force: true })
    await cp(join(natsFolder, 'jetstream'), to, { recursive: true })
  } finally {
    nats.signal('SIGCONT')
  }
}

/** NATS dies and comes back with the streams of that moment. */
export async function rollBackStreams({ nats, natsFolder }: Servers, from: string): Promise<void> {
  await nats.kill()
  await rm(join(natsFolder, 'jetstream'), { recursive: true, force: true })
  await cp(from, join(natsFolder, 'jetstream'), { recursive: true })
  await nats.start()
}
