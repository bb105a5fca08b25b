import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '@easel/protocol'

/** One line of what happens, for the terminal or the log. */
export type Log = (line: string) => void

/** How a server ended: by its exit code, or by a signal. */
export type ServerExit = { code: number | null; signal: NodeJS.Signals | null }

/** A running server. Disposing it stops it cleanly; `exited` settles however it ends. */
export type Server = AsyncDisposable & {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly exited: Promise<ServerExit>
}

export type ChildServer = AsyncDisposable & { readonly pid: number; readonly exited: Promise<ServerExit> }

/** What the child may do; without it, it runs as we do. */
export type Privileges = { uid: number; gid: number; capability?: string }

export type ChildServerOptions = {
  name: string
  command: string
  args: readonly string[]
  /** A line of its output that says it takes connections. */
  ready: RegExp
  /** Ends it cleanly and at once. */
  stopSignal: NodeJS.Signals
  pidFile: string
  /** Part of its command line that no other process has: how a stale one is told from a stranger. */
  mark: string
  privileges?: Privileges
  log: Log
}

/** The locale of the servers: their messages are read here, so they must be in English. */
export const serverLocale = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8'
/** Nothing of our own environment: it holds secrets that are not theirs. */
const serverEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: serverLocale }
const READY_MS = 60_000
const STOP_MS = 20_000
const KEPT_LINES = 30

/**
 * Starts a server and waits until it is ready.
 *
 * It gets its own session, so Ctrl-C in our terminal does not reach it: we stop it when we are done with it.
 * Where the system offers it (`setpriv`), the kernel stops it when we die, even by `kill -9`;
 * elsewhere the next start does, by the pid file.
 */
export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  const { name, pidFile, stopSignal } = options
  await stopStale(options)
  const [command, args] = launchCommand(options)
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: serverEnvironment,
  })
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  try {
    const ready = untilReady(child, options)
    // Before it is ready: if we are killed now, the next start still finds it.
    writeFileSync(pidFile, JSON.stringify({ pid: child.pid, owner: process.pid }))
    await ready
  } catch (cause) {
    child.kill('SIGKILL')
    await exited
    await rm(pidFile, { force: true })
    throw cause
  }
  const pid = child.pid ?? 0
  return {
    pid,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill(stopSignal)
      const ended = await Promise.race([exited, delay(STOP_MS, undefined, { ref: false })])
      if (!ended) {
        options.log(`${name} did not stop in ${STOP_MS / 1000} s and is killed`)
        child.kill('SIGKILL')
        await exited
      }
      await rm(pidFile, { force: true })
    },
  }
}

function launchCommand({ command, args, privileges, stopSignal }: ChildServerOptions): [string, string[]] {
  const setpriv = programPath('setpriv')
  if (setpriv === undefined) {
    if (privileges) {
      throw new AppError('unavailable', 'Running Postgres as root needs setpriv (Debian package util-linux)')
    }
    return [command, [...args]]
  }
  const death = `--pdeathsig=${stopSignal.replace('SIG', '')}`
  return [setpriv, [death, ...privilegeFlags(privileges), '--', command, ...args]]
}

/** Flags of `setpriv` that drop to the given user and leave it at most one capability. */
export function privilegeFlags(privileges: Privileges | undefined): string[] {
  if (!privileges) return []
  const { uid, gid, capability } = privileges
  const user = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  if (capability === undefined) return [...user, '--inh-caps=-all']
  const kept = `-all,+${capability}`
  // Without `no_setuid_fixup` the capability does not count in access(2), by which Postgres looks at its own files.
  return [...user, '--securebits=+no_setuid_fixup', `--inh-caps=${kept}`, `--ambient-caps=${kept}`]
}

function untilReady(child: ChildProcess, { name, ready, log }: ChildServerOptions): Promise<void> {
  const last: string[] = []
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) => {
      clearTimeout(timer)
      reject(new AppError('unavailable', `${name} ${what}\n${last.join('\n')}`, { cause }))
    }
    const timer = setTimeout(() => fail(`was not ready in ${READY_MS / 1000} s`), READY_MS)
    const read = (line: string) => {
      last.push(line)
      if (last.length > KEPT_LINES) last.shift()
      if (ready.test(line)) {
        clearTimeout(timer)
        resolve()
      }
      log(`${name}: ${line}`)
    }
    eachLine(child.stdout, read)
    eachLine(child.stderr, read)
    child.once('error', (cause) => fail('could not be started', cause))
    child.once('close', (code, signal) => fail(`ended while starting (${signal ?? code})`))
  })
}

function eachLine(stream: NodeJS.ReadableStream | null, read: (line: string) => void): void {
  let rest = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) read(line.trimEnd())
  })
}

/** A server that outlived its owner is stopped; one whose owner lives is an error, not a victim. */
async function stopStale({ name, pidFile, mark, stopSignal, log }: ChildServerOptions): Promise<void> {
  const record = await readPidFile(pidFile)
  if (!record || !commandLine(record.pid).includes(mark)) return
  if (parentOf(record.pid) === record.owner) {
    throw new AppError('conflict', `${name} already runs here, started by process ${record.owner}`)
  }
  log(`${name}: stopping the one left behind by process ${record.owner} (pid ${record.pid})`)
  process.kill(record.pid, stopSignal)
  if (!(await untilGone(record.pid, STOP_MS))) {
    process.kill(record.pid, 'SIGKILL')
    await untilGone(record.pid, STOP_MS)
  }
}

async function readPidFile(path: string): Promise<{ pid: number; owner: number } | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    throw cause
  })
  // Half a file is what a crash leaves behind: no news, and no reason not to start.
  const match = /^\{"pid":(\d+),"owner":(\d+)\}$/.exec(text)
  return match ? { pid: Number(match[1]), owner: Number(match[2]) } : undefined
}

async function untilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs
  while (Date.now() < end) {
    if (commandLine(pid) === '') return true
    await delay(25)
  }
  return false
}

/** The command line of a process; empty when there is none, or only its zombie. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return '' // no such process
  }
}

/** A server whose starter died has another parent: the process that adopts orphans. */
function parentOf(pid: number): number {
  try {
    if (process.platform === 'linux')
      return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))
  } catch {
    return Number.NaN // it ended meanwhile
  }
}

/** Where a program is, looking also in the folders of system programs that a user's PATH may lack. */
export function programPath(program: string): string | undefined {
  try {
    const script = `PATH="$PATH:/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin" command -v "$1"`
    return execFileSync('sh', ['-c', script, 'sh', program], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined // `command -v` says "not found" by its exit code
  }
}
