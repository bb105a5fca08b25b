import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@easel/testing'
import type { ChildProcess } from 'node:child_process'

export type Exit = { code: number | null; signal: NodeJS.Signals | null }
export type Environment = Readonly<Record<string, string>>

export type ServiceProcessOptions = {
  /** `worker-2`. */
  name: string
  /** From the repository's root: `apps/gallery/dist/main.js`. */
  entry: string
  env: Environment
  /** Answers `/readyz` when it is ready. */
  healthUrl: string
  /** It ended although nobody asked it to. */
  onExit?: (name: string, exit: Exit) => void
}

const root = join(import.meta.dirname, '../..')
const setpriv = '/usr/bin/setpriv'
const keptOutput = 64 * 1024
const readyMs = 90_000
const graceMs = 30_000

/**
 * One replica of a service, which can be killed and started again, on the same ports. It has a session of its own, so
 * that Ctrl-C reaches it only through us, and is killed by the kernel when we are gone (where there is `setpriv`).
 */
export class ServiceProcess implements AsyncDisposable {
  readonly name: string
  readonly healthUrl: string
  /** How often it was started. */
  starts = 0
  #child: ChildProcess | undefined
  #exit: Promise<Exit> | undefined
  #wanted = false
  #output = ''
  readonly #options: ServiceProcessOptions

  constructor(options: ServiceProcessOptions) {
    this.#options = options
    this.name = options.name
    this.healthUrl = options.healthUrl
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The end of what it has written so far, over all its starts. */
  get output(): string {
    return this.#output
  }

  /** Starts it, with more environment for this time, and waits until it is ready. */
  async start(more: Environment = {}): Promise<void> {
    this.spawn(more)
    await this.ready()
  }

  /** Starts it without waiting. */
  spawn(more: Environment = {}): void {
    if (this.running) throw new Error(`${this.name} is running`)
    const { entry, env, name, onExit } = this.#options
    const command = [process.execPath, join(root, entry)]
    const [file = '', ...parameters] = existsSync(setpriv)
      ? [setpriv, '--pdeathsig=KILL', '--', ...command]
      : command
    const child = spawn(file, parameters, {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env, ...more },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-keptOutput)
      })
    }
    this.#wanted = false
    this.#child = child
    this.starts += 1
    this.#exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
      child.once('error', (cause) => {
        this.#output += String(cause)
        resolve({ code: -1, signal: null })
      })
    })
    void this.#exit.then((exit) => {
      if (!this.#wanted) onExit?.(name, exit)
    })
  }

  /** Waits for `/readyz`; an early end fails at once with what it said. */
  async ready(timeoutMs = readyMs): Promise<void> {
    const ask = async () => {
      if (!this.running) return 'ended'
      const answer = await fetch(`${this.healthUrl}/readyz`, { signal: AbortSignal.timeout(2_000) })
      return answer.ok && 'ready'
    }
    const outcome = await waitFor(ask, { timeoutMs, describe: `${this.name} to be ready` }).catch(
      (cause: unknown) => {
        throw new Error(`${this.name} did not get ready.\n${this.output}`, { cause })
      },
    )
    if (outcome === 'ended') throw new Error(`${this.name} ended before it was ready.\n${this.output}`)
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM, and time to finish; resolves when it has ended. */
  async stop(): Promise<Exit | undefined> {
    if (!this.running) return this.#exit
    const late = new AbortController()
    void delay(graceMs, undefined, { signal: late.signal }).then(
      () => this.#child?.kill('SIGKILL'),
      () => {},
    )
    // One that is paused could not hear it.
    this.resume()
    const exit = await this.#end('SIGTERM')
    late.abort()
    return exit
  }

  /** SIGSTOP: it hangs, with all its connections open. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  async killAndRestart(more: Environment = {}): Promise<void> {
    await this.kill()
    await this.start(more)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #end(signal: NodeJS.Signals): Promise<Exit | undefined> {
    this.#wanted = true
    if (this.running) this.#child?.kill(signal)
    return this.#exit
  }
}
