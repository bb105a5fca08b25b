import { subscribeLive } from '@easel/bus'
import type { Bus } from '@easel/bus'
import type { Logger } from '@easel/observability'
import type { SettingsRow } from './settings.repository.ts'

type Parts = {
  bus: Bus
  log: Logger
  read: () => Promise<SettingsRow>
  /** Replicas that bring files now. */
  countReplicas: () => Promise<number>
}

export type Known = { settings: SettingsRow; replicas: number }

const lookMs = 1_000
const channel = 'transfer-poke'

/** Tells what is set, and how many replicas share it: at once when somebody says so, and every second. */
export class SettingsWatch implements Disposable {
  readonly #parts: Parts
  readonly #told: (known: Known) => void
  readonly #subscription: Disposable
  readonly #timer: NodeJS.Timeout
  #looking = false

  private constructor(parts: Parts, told: (known: Known) => void) {
    this.#parts = parts
    this.#told = told
    this.#subscription = subscribeLive(parts.bus, { spaceId: 'system', channel }, () => this.#start())
    this.#timer = setInterval(() => this.#start(), lookMs)
  }

  /** Has told once when it is there. */
  static async open(parts: Parts, told: (known: Known) => void): Promise<SettingsWatch> {
    const watch = new SettingsWatch(parts, told)
    try {
      await watch.#look()
    } catch (cause) {
      watch[Symbol.dispose]()
      throw cause
    }
    return watch
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#subscription[Symbol.dispose]()
  }

  #start(): void {
    if (this.#looking) return
    this.#looking = true
    this.#look()
      .catch((cause: unknown) => this.#parts.log.debug({ err: cause }, 'the settings could not be read'))
      .finally(() => (this.#looking = false))
  }

  async #look(): Promise<void> {
    const { read, countReplicas } = this.#parts
    const [settings, replicas] = await Promise.all([read(), countReplicas()])
    this.#told({ settings, replicas: Math.max(1, replicas) })
  }
}
