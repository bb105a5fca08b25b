import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '@easel/protocol'
import type { Log, Server, ServerExit } from './child-server.ts'
import { startNats } from './nats.ts'
import { startPostgres } from './postgres.ts'
import { ensurePrograms, natsServer, redisServer } from './programs.ts'
import { startRedis } from './redis.ts'
import { writeSecretFile } from './secret-file.ts'

export type ServerName = 'postgres' | 'nats' | 'redis'

export type ServersOptions = {
  /** Where the servers keep their data and passwords. */
  home: string
  /** Servers that exist already: nothing is started for these. */
  urls?: Partial<Record<ServerName, string | undefined>>
  mayInstall?: boolean
  /** For tests only: nothing is kept over a power cut. */
  unsafe?: boolean
  /** A server ended that nobody stopped. */
  onExit?: (name: ServerName, exit: ServerExit) => void
  log?: Log
}

export type Servers = AsyncDisposable & { readonly urls: Record<ServerName, string> }

/** Starts, side by side, each server that has no URL yet. Disposing it stops what it started. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { urls = {}, mayInstall = true, unsafe = false, log = () => {}, onExit = () => {} } = options
  const home = resolve(options.home)
  await mkdir(home, { recursive: true })
  // One call of apt-get for both, before they start side by side.
  const needed = [...(urls.nats ? [] : [natsServer]), ...(urls.redis ? [] : [redisServer])]
  await ensurePrograms(needed, { mayInstall, log })
  const passwords = await loadPasswords(home)

  const common = { port: 0, mayInstall, log }
  const starters: Record<ServerName, () => Promise<Server>> = {
    postgres: () =>
      startPostgres({
        ...common,
        dataDirectory: join(home, 'postgres'),
        password: passwords.postgres,
        unsafe,
      }),
    nats: () => startNats({ ...common, storeDirectory: join(home, 'nats'), password: passwords.nats }),
    redis: () =>
      startRedis({
        ...common,
        dataDirectory: join(home, 'redis'),
        password: passwords.redis,
        appendOnly: !unsafe,
      }),
  }
  const names = (Object.keys(starters) as ServerName[]).filter((name) => !urls[name])
  const outcomes = await Promise.allSettled(names.map((name) => starters[name]()))
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) {
    await stopAll(started)
    throw AppError.from(failed.reason)
  }

  let stopping = false
  const all: Partial<Record<ServerName, string | undefined>> = { ...urls }
  for (const [index, name] of names.entries()) {
    const server = started[index]
    all[name] = server?.url
    void server?.exited.then((exit) => {
      if (!stopping) onExit(name, exit)
    })
  }
  return {
    urls: all as Record<ServerName, string>,
    async [Symbol.asyncDispose]() {
      stopping = true
      await stopAll(started)
    },
  }
}

async function stopAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
}

type Passwords = Record<ServerName, string>

/** Made on the first start and kept, as a data directory knows only the password it was made with. */
async function loadPasswords(home: string): Promise<Passwords> {
  const path = join(home, 'servers.json')
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw cause
  })
  if (text !== undefined) return parsePasswords(text, path)
  const passwords = { postgres: newPassword(), nats: newPassword(), redis: newPassword() }
  await writeSecretFile(path, `${JSON.stringify(passwords, undefined, 2)}\n`)
  return passwords
}

function parsePasswords(text: string, path: string): Passwords {
  try {
    const { postgres, nats, redis } = JSON.parse(text) as Partial<Passwords>
    if (postgres && nats && redis) return { postgres, nats, redis }
  } catch {
    // The same advice as for a file without one of them; its text is not to be shown.
  }
  throw new AppError('unavailable', `${path} does not hold the passwords of the servers in that folder`)
}

/** A password for a server of ours: 192 random bits that need no escaping anywhere. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url')
}
