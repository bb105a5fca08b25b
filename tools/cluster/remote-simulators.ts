import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { FailureRule } from '@easel/comfy-sim'
import type { SimulatedPrompt, Simulators, SimulatorSettings, SimulatorStats } from './simulators.ts'

type Method = Exclude<keyof Simulators, symbol>
export type Question = { id: number; method: Method; parameters: unknown[] }
export type Answer = { id: number; result?: unknown; error?: string }

type Waiting = { resolve(value: unknown): void; reject(cause: Error): void }

const stopMs = 10_000

/** The same as `Simulators`, in a process of its own. */
export class RemoteSimulators implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0

  constructor() {
    this.#child = fork(join(import.meta.dirname, 'simulators.process.ts'), {
      execArgv: ['--conditions=@easel/source', '--disable-warning=ExperimentalWarning'],
      // A session of its own: Ctrl-C in the terminal is for the parent, which ends all in order.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', ({ id, result, error }: Answer) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new Error(error))
    })
    this.#child.once('exit', () => this.#giveUp(new Error('The process of the simulators ended')))
    this.#child.on('error', (cause) => this.#giveUp(cause))
  }

  start(settings: readonly SimulatorSettings[]): Promise<string[]> {
    return this.#ask('start', settings)
  }

  stats(): Promise<SimulatorStats[]> {
    return this.#ask('stats')
  }

  prompts(index: number): Promise<SimulatedPrompt[]> {
    return this.#ask('prompts', index)
  }

  inject(index: number, failure: FailureRule): Promise<void> {
    return this.#ask('inject', index, failure)
  }

  crash(index: number): Promise<void> {
    return this.#ask('crash', index)
  }

  restart(index: number): Promise<void> {
    return this.#ask('restart', index)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), stopMs)
    if (this.#child.connected) this.#child.disconnect()
    await ended
    clearTimeout(late)
  }

  #ask<T>(method: Method, ...parameters: unknown[]): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = this.#asked++
    this.#waiting.set(id, { resolve, reject })
    const question: Question = { id, method, parameters }
    this.#child.send(question, (cause) => {
      if (cause) reject(cause)
    })
    return promise as Promise<T>
  }

  #giveUp(cause: Error): void {
    for (const { reject } of this.#waiting.values()) reject(cause)
    this.#waiting.clear()
  }
}
