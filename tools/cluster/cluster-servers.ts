import { newPassword, startNats, startPostgres, startRedis } from '@easel/embedded'
import { waitFor } from '@easel/testing'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Server, ServerName } from '@easel/embedded'

export const serverNames = ['postgres', 'nats', 'redis'] as const satisfies readonly ServerName[]

/** Postgres, NATS or Redis: it keeps its port, password and data over restarts. */
export class ServerProcess implements AsyncDisposable {
  readonly name: ServerName
  /** What it keeps on disk. To be touched only while it is down. */
  readonly directory: string
  readonly #start: (port: number) => Promise<Server>
  readonly #onExit: (name: ServerName) => void
  #server: Server | undefined
  #port = 0
  #url = ''
  #wanted = false

  constructor(
    { name, directory }: { name: ServerName; directory: string },
    start: (port: number) => Promise<Server>,
    onExit: (name: ServerName) => void,
  ) {
    this.name = name
    this.directory = directory
    this.#start = start
    this.#onExit = onExit
  }

  get url(): string {
    return this.#url
  }

  get pid(): number | undefined {
    return this.#server?.pid
  }

  async start(): Promise<void> {
    const server = this.#port === 0 ? await this.#start(0) : await this.#startAgain()
    this.#server = server
    this.#port = server.port
    this.#url = server.url
    this.#wanted = false
    void server.exited.then(() => {
      if (this.#server === server && !this.#wanted) this.#onExit(this.name)
    })
  }

  /** After kill -9 its children may hold on to port and memory for a moment. */
  #startAgain(): Promise<Server> {
    return waitFor(() => this.#start(this.#port), {
      timeoutMs: 30_000,
      describe: `${this.name} to start again`,
    })
  }

  /** kill -9; what it had not synced is what the machine makes of it. */
  async kill(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#wanted = true
    process.kill(server.pid, 'SIGKILL')
    await server.exited
    // Removes its pid file, nothing else: it is dead.
    await server[Symbol.asyncDispose]()
    this.#server = undefined
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.#wanted = true
    await this.#server?.[Symbol.asyncDispose]()
    this.#server = undefined
  }

  async killAndRestart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  /** SIGSTOP: it hangs, with all its connections open. Of Postgres only the postmaster. */
  pause(): void {
    if (this.pid !== undefined) process.kill(this.pid, 'SIGSTOP')
  }

  resume(): void {
    if (this.pid !== undefined) process.kill(this.pid, 'SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume()
    await this.stop()
  }
}

export type ClusterServersOptions = {
  home: string
  /** Syncs what it confirms, as in production. */
  durable: boolean
  onExit: (name: ServerName) => void
  log: (line: string) => void
}

/** The three servers, running. Dispose of each. */
export async function startClusterServers(
  options: ClusterServersOptions,
): Promise<Record<ServerName, ServerProcess>> {
  const { home, durable, onExit, log } = options
  await mkdir(home, { recursive: true })
  const password = newPassword()
  const at = (name: ServerName) => ({ name, directory: join(home, name) })
  const common = { password, log }
  const servers = {
    postgres: new ServerProcess(
      at('postgres'),
      (port) => startPostgres({ ...common, port, dataDirectory: join(home, 'postgres'), unsafe: !durable }),
      onExit,
    ),
    nats: new ServerProcess(
      at('nats'),
      (port) => startNats({ ...common, port, storeDirectory: join(home, 'nats') }),
      onExit,
    ),
    redis: new ServerProcess(
      at('redis'),
      (port) => startRedis({ ...common, port, dataDirectory: join(home, 'redis'), appendOnly: durable }),
      onExit,
    ),
  }
  const outcomes = await Promise.allSettled(serverNames.map((name) => servers[name].start()))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) {
    await Promise.all(serverNames.map((name) => servers[name][Symbol.asyncDispose]()))
    throw failed.reason as Error
  }
  return servers
}
