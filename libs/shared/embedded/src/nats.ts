import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startChildServer, type Log, type Server } from './child-server.ts'
import { onFreePort } from './free-port.ts'
import { ensurePrograms, natsServer } from './programs.ts'

export type NatsOptions = {
  /** Holds the streams and the configuration. */
  storeDirectory: string
  password: string
  /** 0, the default, takes a free one. */
  port?: number
  /** Whether nats-server may be installed when it is missing. */
  mayInstall?: boolean
  log?: Log
}

const USER = 'easel'
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024

/** Starts nats-server with JetStream on 127.0.0.1. Its `url` carries the user and the password. */
export async function startNats(options: NatsOptions): Promise<Server> {
  const { password, port = 0, mayInstall = true, log = () => {} } = options
  const directory = resolve(options.storeDirectory)
  const [command = ''] = await ensurePrograms([natsServer], { mayInstall, log })
  await mkdir(directory, { recursive: true })
  const configFile = join(directory, 'nats.conf')
  const syncInterval = syncsAlways(versionOf(command))

  return onFreePort(port, async (freePort) => {
    const configuration = natsConfiguration({ port: freePort, password, directory, syncInterval })
    await writeFile(configFile, configuration, { mode: 0o600 })
    const server = await startChildServer({
      name: 'nats',
      command,
      args: ['--config', configFile],
      ready: /Server is ready/,
      stopSignal: 'SIGTERM',
      pidFile: join(directory, 'easel.pid'),
      mark: configFile,
      log,
    })
    return {
      ...server,
      port: freePort,
      url: `nats://${USER}:${encodeURIComponent(password)}@127.0.0.1:${freePort}`,
    }
  })
}

type Configuration = { port: number; password: string; directory: string; syncInterval: boolean }

/** The password lives in a file of mode 0600, as a command line is readable by everyone. */
export function natsConfiguration({ port, password, directory, syncInterval }: Configuration): string {
  return [
    'host: 127.0.0.1',
    `port: ${port}`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    `authorization { user: ${USER}, password: ${JSON.stringify(password)} }`,
    'jetstream {',
    `  store_dir: ${JSON.stringify(directory)}`,
    ...(syncInterval ? ['  sync_interval: always'] : []),
    '}',
    '',
  ].join('\n')
}

function versionOf(command: string): string {
  return execFileSync(command, ['--version'], { encoding: 'utf8' })
}

/** `sync_interval: always` came with 2.10.23; older ones refuse to start with it. */
export function syncsAlways(version: string): boolean {
  const [, major = 0, minor = 0, patch = 0] = /(\d+)\.(\d+)\.(\d+)/.exec(version)?.map(Number) ?? []
  if (major !== 2) return major > 2
  return minor > 10 || (minor === 10 && patch >= 23)
}
