import type { BusLog } from '@easel/bus'
import type { ComfyClient, SystemStats } from '@easel/comfyui'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '@easel/protocol'
import { environmentOf } from './environment.ts'
import type { NodeDefinitions } from './node-definitions.ts'

export type ComfyFacts = {
  simulator: boolean
  comfyVersion: string | null
  gpu: string | null
  vramTotal: number | null
  vramFree: number | null
}

export type ComfyMonitorOptions = {
  client: ComfyClient
  definitions: NodeDefinitions
  log: BusLog
  /** Ready or not, or other node definitions. */
  onChange: () => void
  /** After each look that found it well. */
  onWell: () => Promise<void>
  /** After each look that found it away. */
  onAway: (forMs: number) => void
}

const everyMs = 2_000
const everyMsWhenAway = 500
const answerMs = 3_000

/**
 * Whether ComfyUI can be given work: `away` ⇄ `ready`. It is looked at every two seconds, and at once when its
 * socket breaks.
 */
export class ComfyMonitor implements AsyncDisposable {
  readonly #options: ComfyMonitorOptions
  readonly #stopping = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  #wake = new AbortController()
  #ready = false
  #awaySince = performance.now()
  #stats: SystemStats | undefined

  constructor(options: ComfyMonitorOptions) {
    this.#options = options
  }

  get ready(): boolean {
    return this.#ready
  }

  get facts(): ComfyFacts {
    return factsOf(this.#stats)
  }

  /** Undefined before ComfyUI has told what it is. */
  get environment(): string | undefined {
    const modules = this.#options.definitions.stored?.modules
    return this.#stats && modules !== undefined ? environmentOf(this.#stats, modules) : undefined
  }

  start(): void {
    this.#loop = this.#watch()
  }

  /** Something happened: look now. */
  look(): void {
    this.#wake.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    this.#wake.abort()
    await this.#loop
  }

  async #watch(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController()
      await this.#lookOnce()
      const waitMs = this.#ready ? everyMs : everyMsWhenAway
      // An abort is somebody who wants a look now.
      await delay(waitMs, undefined, { signal: this.#wake.signal }).catch(() => undefined)
    }
  }

  async #lookOnce(): Promise<void> {
    const { client, definitions, log, onWell } = this.#options
    const { signal } = this.#stopping
    try {
      this.#stats = await client.systemStats({ timeoutMs: answerMs, signal })
      await client.connect(answerMs)
      await definitions.refresh()
      this.#set(true)
      await onWell()
    } catch (cause) {
      if (signal.aborted) return
      const error = AppError.from(cause)
      if (this.#ready || error.code === 'internal')
        log.warn({ err: cause }, 'ComfyUI does not answer as it should')
      this.#set(false)
      this.#options.onAway(performance.now() - this.#awaySince)
    }
  }

  #set(ready: boolean): void {
    if (this.#ready === ready) return
    this.#ready = ready
    this.#awaySince = performance.now()
    this.#options.log.info(this.facts, ready ? 'ComfyUI is ready' : 'ComfyUI is away')
    this.#options.onChange()
  }
}

function factsOf(stats: SystemStats | undefined): ComfyFacts {
  const device = stats?.devices.find(({ type }) => type !== 'cpu') ?? stats?.devices[0]
  return {
    simulator: stats?.system.deploy_environment === 'simulator',
    comfyVersion: stats?.system.comfyui_version.slice(0, 100) ?? null,
    gpu: device ? String(device.name).slice(0, 200) : null,
    vramTotal: wholeNumber(device?.vram_total),
    vramFree: wholeNumber(device?.vram_free),
  }
}

const wholeNumber = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : null
