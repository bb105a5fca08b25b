import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '@easel/protocol'
import { programPath, type Log, type Privileges } from './child-server.ts'

const run = promisify(execFile)
const USER = 'postgres'
/** Capabilities that lead through closed folders, the lesser one first, by their bits in `/proc/self/status`. */
const PASSING = { dac_read_search: 2n, dac_override: 1n }
/** Needed to hand one on. */
const SETPCAP_BIT = 8n

/**
 * Postgres refuses to run as root: then it runs as the user `postgres`, who is made where there is none.
 *
 * That user may be unable to enter the given folders (a checkout under /root, a home of mode 0700). We neither open
 * those folders to everyone nor put the data elsewhere: Postgres keeps one capability, to pass through them.
 */
export async function postgresPrivileges(
  folders: readonly string[],
  log: Log,
): Promise<Privileges | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const user = (await findUser()) ?? (await makeUser(log))
  const closed = await firstClosed(folders, user)
  if (closed === undefined) return user
  const capability = await heldCapability()
  if (capability === undefined || programPath('setpriv') === undefined) {
    throw new AppError(
      'unavailable',
      `Postgres runs as the user ${USER}, who may not enter ${closed}. ` +
        'Run as an ordinary user, or move the project and EASEL_HOME to a folder that others may enter, such as /srv',
    )
  }
  log(`postgres: keeps the capability ${capability}, as its user may not enter ${closed}`)
  return { ...user, capability }
}

async function findUser(): Promise<Privileges | undefined> {
  const line = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((entry) => entry.startsWith(`${USER}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

async function makeUser(log: Log): Promise<Privileges> {
  log(`Making the system user ${USER}, as Postgres does not run as root`)
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      USER,
    ])
  } catch (cause) {
    throw new AppError('unavailable', `Postgres needs a system user ${USER}, who could not be made`, {
      cause,
    })
  }
  const user = await findUser()
  if (!user)
    throw new AppError('unavailable', `Postgres needs a system user ${USER}, who is not in /etc/passwd`)
  return user
}

async function firstClosed(folders: readonly string[], user: Privileges): Promise<string | undefined> {
  for (const folder of folders) {
    for (let path = folder; ; path = dirname(path)) {
      const { mode, uid, gid } = await stat(path)
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
      if ((mode & bit) === 0) return path
      if (path === dirname(path)) break
    }
  }
  return undefined
}

async function heldCapability(): Promise<string | undefined> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  const has = (bit: bigint) => ((bounding >> bit) & 1n) === 1n
  if (!has(SETPCAP_BIT)) return undefined
  return Object.entries(PASSING).find(([, bit]) => has(bit))?.[0]
}
