import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { BusLog } from '@easel/bus'

/** As those beside it on the node see whether it is gone. */
type Holder = { boot: string; namespace: string; pid: number; started: string }

/** A hold of a process that cannot be seen from here (of another container) counts for so long after its last touch. */
const untouchedMs = 10 * 60_000

/**
 * Which contents are in use on this node, over all its workers: a file for each use, `<sha256>.<use>`, that says whose
 * it is. What a killed worker leaves counts for nothing; a frozen one holds what it holds.
 */
export class HeldContents implements AsyncDisposable {
  readonly #folder: string
  readonly #log: BusLog
  readonly #mine = new Set<string>()
  /** Let go of, and not yet removed. */
  readonly #ended = new Map<string, Promise<void>>()

  private constructor(folder: string, log: BusLog) {
    this.#folder = folder
    this.#log = log
  }

  static async open(folder: string, log: BusLog): Promise<HeldContents> {
    await mkdir(folder, { recursive: true })
    const held = new HeldContents(folder, log)
    for (const name of await readdir(folder)) if (!(await held.#counts(name))) await held.#remove(name)
    return held
  }

  /** Seen by all when it is there; until it is disposed of. */
  async hold(sha256: string): Promise<Disposable> {
    const name = `${sha256}.${randomUUID()}`
    this.#mine.add(name)
    try {
      await writeFile(join(this.#folder, name), JSON.stringify(holderHere()), { flag: 'wx' })
    } catch (cause) {
      // A full disk: nobody uses it for that.
      this.#end(name)
      throw cause
    }
    return { [Symbol.dispose]: () => this.#end(name) }
  }

  async isHeld(sha256: string): Promise<boolean> {
    for (const name of await readdir(this.#folder))
      if (name.startsWith(`${sha256}.`) && (await this.#counts(name))) return true
    return false
  }

  /** The contents that this process holds. */
  get mine(): ReadonlySet<string> {
    return new Set([...this.#mine].map((name) => name.slice(0, name.indexOf('.'))))
  }

  /** Now and then. */
  async touch(): Promise<void> {
    const now = new Date()
    for (const name of this.#mine) await utimes(join(this.#folder, name), now, now).catch(unlessAbsent)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#mine) this.#end(name)
    await Promise.all(this.#ended.values())
  }

  #end(name: string): void {
    if (!this.#mine.delete(name)) return
    const removed = this.#remove(name)
      .catch((cause: unknown) => this.#log.warn({ err: cause }, 'a model was not let go of'))
      .finally(() => this.#ended.delete(name))
    this.#ended.set(name, removed)
  }

  async #counts(name: string): Promise<boolean> {
    if (this.#mine.has(name)) return true
    if (this.#ended.has(name)) return false
    const path = join(this.#folder, name)
    const text = await readFile(path, 'utf8').catch(unlessAbsent)
    const facts = await stat(path).catch(unlessAbsent)
    if (text === undefined || facts === undefined) return false
    const holder = readHolder(text)
    const seen = holder && isAlive(holder)
    return seen ?? facts.mtimeMs > Date.now() - untouchedMs
  }

  async #remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true })
  }
}

function readHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    // Being written, or cut short by a power cut: its age tells.
    return undefined
  }
}

function holderHere(): Holder {
  return { boot: bootHere(), namespace: namespaceHere(), pid: process.pid, started: startOf('self') ?? '' }
}

/** Undefined: that cannot be seen from here. */
function isAlive({ boot, namespace, pid, started }: Holder): boolean | undefined {
  if (boot !== bootHere() || namespace !== namespaceHere() || !Number.isInteger(pid)) return undefined
  try {
    process.kill(pid, 0)
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== 'ESRCH'
  }
  // Ids are given anew, with another start.
  return (startOf(pid) ?? started) === started
}

function bootHere(): string {
  return readText(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? hostname()
}

function namespaceHere(): string {
  return readText(() => readlinkSync('/proc/self/ns/pid')) ?? ''
}

/** In ticks since the boot; the name of the program comes before it, in parentheses, and may hold anything. */
function startOf(pid: number | 'self'): string | undefined {
  const text = readText(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}

/** There is no such file on other systems than Linux. */
function readText(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function unlessAbsent(cause: unknown): undefined {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
}
