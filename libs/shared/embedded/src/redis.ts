import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startChildServer, type Log, type Server } from './child-server.ts'
import { onFreePort } from './free-port.ts'
import { ensurePrograms, redisServer } from './programs.ts'

export type RedisOptions = {
  dataDirectory: string
  password: string
  /** 0, the default, takes a free one. */
  port?: number
  /** Whether redis-server may be installed when it is missing. */
  mayInstall?: boolean
  /** Keeps the data over a restart (append-only file, synced each second). On by default. */
  appendOnly?: boolean
  log?: Log
}

/** Starts Redis on 127.0.0.1. Its `url` carries the password. */
export async function startRedis(options: RedisOptions): Promise<Server> {
  const { password, port = 0, mayInstall = true, log = () => {} } = options
  const directory = resolve(options.dataDirectory)
  const [command = ''] = await ensurePrograms([redisServer], { mayInstall, log })
  await mkdir(directory, { recursive: true })
  const configFile = join(directory, 'redis.conf')
  const version = execFileSync(command, ['--version'], { encoding: 'utf8' })

  return onFreePort(port, async (freePort) => {
    const configuration = [
      'bind 127.0.0.1',
      `port ${freePort}`,
      `requirepass ${JSON.stringify(password)}`,
      `dir ${JSON.stringify(directory)}`,
      `appendonly ${options.appendOnly === false ? 'no' : 'yes'}`,
      'save ""',
      'daemonize no',
      // The title would replace the command line, by which a stale server is known.
      ...(hasProcessTitle(version) ? ['set-proc-title no'] : []),
      '',
    ]
    await writeFile(configFile, configuration.join('\n'), { mode: 0o600 })
    const server = await startChildServer({
      name: 'redis',
      command,
      args: [configFile],
      ready: /Ready to accept connections/,
      stopSignal: 'SIGTERM',
      pidFile: join(directory, 'easel.pid'),
      mark: configFile,
      log,
    })
    return {
      ...server,
      port: freePort,
      url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${freePort}`,
    }
  })
}

/** The setting came with 6.2; older ones refuse to start with it. */
export function hasProcessTitle(version: string): boolean {
  const [, major = 0, minor = 0] = /v=(\d+)\.(\d+)/.exec(version)?.map(Number) ?? []
  return major > 6 || (major === 6 && minor >= 2)
}
