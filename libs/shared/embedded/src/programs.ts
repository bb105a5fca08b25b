import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { AppError } from '@easel/protocol'
import { programPath, type Log } from './child-server.ts'

const run = promisify(execFile)

/** A program that we use but do not ship, and how to get it. */
export type Program = { program: string; debianPackage: string; elsewhere: string }

export const natsServer: Program = {
  program: 'nats-server',
  debianPackage: 'nats-server',
  elsewhere: 'https://github.com/nats-io/nats-server/releases or `brew install nats-server`',
}
export const redisServer: Program = {
  program: 'redis-server',
  debianPackage: 'redis-server',
  elsewhere: 'https://redis.io/docs/latest/operate/oss_and_stack/install/ or `brew install redis`',
}
export const ffmpeg: Program = {
  program: 'ffmpeg',
  debianPackage: 'ffmpeg',
  elsewhere: 'https://ffmpeg.org/download.html or `brew install ffmpeg`',
}

/** For the tests of the page. */
export const chromium: Program = {
  program: 'chromium',
  debianPackage: 'chromium',
  elsewhere: 'https://www.chromium.org/getting-involved/download-chromium/',
}

export type InstallOptions = { mayInstall: boolean; log: Log }

/**
 * The paths of the programs, in their order. What is missing is installed with one call of apt-get, and said so,
 * where that is allowed and possible (Debian or Ubuntu; root, or sudo without a password).
 */
export async function ensurePrograms(
  programs: readonly Program[],
  options: InstallOptions,
): Promise<string[]> {
  const missing = programs.filter(({ program }) => programPath(program) === undefined)
  if (missing.length > 0) await install(missing, options)
  return programs.map((program) => {
    const path = programPath(program.program)
    if (path === undefined) throw missingProgram([program], 'it was installed, yet it is not on the PATH')
    return path
  })
}

async function install(missing: readonly Program[], { mayInstall, log }: InstallOptions): Promise<void> {
  if (!mayInstall) throw missingProgram(missing, 'EASEL_NO_INSTALL forbids to install it')
  if (programPath('apt-get') === undefined) throw missingProgram(missing, 'this machine has no apt-get')
  const sudo = await sudoPrefix()
  if (!sudo) throw missingProgram(missing, 'installing it needs root or sudo without a password')

  const packages = missing.map(({ debianPackage }) => debianPackage)
  log(`Installing ${packages.join(' and ')} with apt-get (EASEL_NO_INSTALL=1 forbids it)`)
  const aptGet = [
    ...sudo,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-qq',
    '-o',
    'DPkg::Lock::Timeout=300',
  ]
  try {
    await call([...aptGet, 'update'])
    await call([...aptGet, 'install', '--yes', '--no-install-recommends', ...packages])
  } catch (cause) {
    throw missingProgram(missing, 'apt-get failed', cause)
  }
  await stopSystemServices(sudo, missing)
}

/** Debian starts a server as soon as it is installed, open to whoever reaches the machine. We start our own. */
async function stopSystemServices(sudo: readonly string[], installed: readonly Program[]): Promise<void> {
  if (!existsSync('/run/systemd/system')) return
  for (const { debianPackage } of installed.filter(({ program }) => program.endsWith('-server'))) {
    await call([...sudo, 'systemctl', 'disable', '--now', debianPackage])
  }
}

async function sudoPrefix(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return []
  try {
    await call(['sudo', '-n', 'true'])
    return ['sudo', '-n']
  } catch {
    return undefined // no sudo, or one that asks for a password
  }
}

async function call([command = '', ...args]: readonly string[]): Promise<void> {
  await run(command, args, { maxBuffer: 64 * 1024 * 1024 })
}

function missingProgram(missing: readonly Program[], why: string, cause?: unknown): AppError {
  const ways = missing.map(
    ({ program, debianPackage, elsewhere }) =>
      `${program} is missing. Three ways to get it:\n` +
      `  1. sudo apt-get install ${debianPackage}\n` +
      `  2. put the program on the PATH: ${elsewhere}\n` +
      `  3. use a server you already have: ${urlVariable(program)}`,
  )
  return new AppError('unavailable', `${ways.join('\n')}\n(${why})`, { cause })
}

function urlVariable(program: string): string {
  if (program === 'nats-server') return 'set EASEL_NATS_URL'
  if (program === 'redis-server') return 'set EASEL_REDIS_URL'
  return 'none: it runs on this machine'
}
