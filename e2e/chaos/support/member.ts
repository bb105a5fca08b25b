import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@easel/testing'
import type { ChildProcess, Serializable } from 'node:child_process'
import type { FaultPoint } from '../inside/orders.ts'

export type MemberOptions = {
  name: string
  /** Arguments of node. */
  args: readonly string[]
  env: Record<string, string>
  /** Answers with 200 when the process can do its work. */
  readyUrl: string
  /** Where all that it says is kept. */
  logFile: string
}

/** How soon a process that has died is started again, as by a supervisor. */
const restartMs = 150
const keptOutput = 64 * 1024
/** The last line of a start, of every service. */
const saysReady = /"msg":"[\w ]+ is (ready|open)"/

/**
 * One process of the cluster, with somebody who starts it again when it ends:
 *
 *   running → (killed, or died by itself) → restarting → running … → stopped (by `stop`)
 */
export class Member implements AsyncDisposable {
  readonly name: string
  /** Ends that nobody here asked for: how, and what it said last. */
  readonly accidents: { name: string; end: string; said: string }[] = []
  starts = 0
  readonly #options: MemberOptions
  #child: ChildProcess | undefined
  #supervised = false
  #asked = false
  #output = ''

  constructor(options: MemberOptions) {
    this.name = options.name
    this.#options = options
  }

  get url(): string {
    return new URL(this.#options.readyUrl).origin
  }

  /** Undefined while it is being started again. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    this.#supervised = true
    this.#spawn()
  }

  async isReady(): Promise<boolean> {
    if (!this.#child) return false
    const answer = await fetch(this.#options.readyUrl, { signal: AbortSignal.timeout(5_000) }).catch(
      () => undefined,
    )
    await answer?.arrayBuffer().catch(() => undefined)
    return answer?.ok ?? false
  }

  async untilReady(timeoutMs = 60_000): Promise<void> {
    await waitFor(() => this.isReady(), { timeoutMs, describe: `${this.name} to be ready` }).catch(
      (cause: unknown) => {
        throw new Error(`${this.name} is not ready.\n${this.#output.slice(-4_000)}`, { cause })
      },
    )
  }

  /** Resolves when the process that runs now has ended, however that comes. */
  async untilDead(): Promise<void> {
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  /** SIGKILL: it is started again. */
  async kill(): Promise<void> {
    this.#asked = true
    this.signal('SIGKILL')
    await this.untilDead()
  }

  /** SIGKILL, and nobody starts it again but `start`. */
  async halt(): Promise<void> {
    this.#supervised = false
    await this.kill()
  }

  /** As an orchestrator does it: what runs may finish. The next process gets these settings, too. */
  async restart(env: Record<string, string> = {}): Promise<void> {
    Object.assign(this.#options.env, env)
    this.#asked = true
    this.signal('SIGTERM')
    await this.untilDead()
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** It dies by itself when it comes to this point. */
  arm(point: FaultPoint): void {
    this.order({ type: 'arm', points: [point] })
  }

  disarm(): void {
    this.order({ type: 'arm', points: [] })
  }

  order(order: Serializable): void {
    if (this.#child?.connected) this.#child.send(order, () => undefined)
  }

  /** Its next word of this type. */
  async ask<T extends { type: string }>(order: { type: T['type'] }): Promise<T> {
    const child = this.#child
    if (!child) throw new Error(`${this.name} does not run`)
    const answer = once(child, 'message', { signal: AbortSignal.timeout(5_000) })
    this.order(order)
    return (await answer)[0] as T
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#supervised = false
    this.#asked = true
    this.signal('SIGCONT')
    this.signal('SIGTERM')
    const late = setTimeout(() => this.signal('SIGKILL'), 5_000)
    await this.untilDead()
    clearTimeout(late)
  }

  #spawn(): void {
    const { args, env } = this.#options
    this.starts += 1
    this.#output = ''
    const child = spawn(process.execPath, [...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'test', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-keptOutput)
      appendFileSync(this.#options.logFile, chunk)
    }
    child.stdout!.on('data', keep)
    child.stderr!.on('data', keep)
    this.#child = child
    child.once('exit', (code, signal) => void this.#ended(String(signal ?? code)))
  }

  async #ended(end: string): Promise<void> {
    this.#child = undefined
    // Whoever cannot reach its parts while it starts may leave: it is started again. And what was armed kills itself.
    if (!this.#asked && end !== 'SIGKILL' && saysReady.test(this.#output))
      this.accidents.push({ name: this.name, end, said: this.#output.slice(-2_000) })
    this.#asked = false
    if (!this.#supervised) return
    await delay(restartMs)
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- it may have been stopped meanwhile
    if (this.#supervised) this.#spawn()
  }
}
