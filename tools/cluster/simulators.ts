import { startComfySim } from '@easel/comfy-sim'
import type { ComfySim, ComfySimOptions, FailureRule } from '@easel/comfy-sim'
import { Random } from './random.ts'

/** What a simulator is started with; it crosses the border of a process, so it holds no functions. */
export type SimulatorSettings = Pick<
  ComfySimOptions,
  'models' | 'modelBytes' | 'modelLoadMs' | 'stepMs' | 'vramBytes' | 'timeScale' | 'failures' | 'nodePacks'
> & {
  readonly baseDirectory: string
  /** For the chances of failures. */
  readonly seed: string
}

/** Counts since the start. Milliseconds are real ones. */
export type SimulatorStats = {
  /** Prompts that came. */
  prompts: number
  /** One runs now. */
  running: boolean
  succeeded: number
  failed: number
  /** Ended prompts that had to load a model first. */
  cold: number
  /** Models loaded, all together. */
  loads: number
  /** How long prompts ran. */
  busyMs: number
  /** How long they would have run on a machine without end: the difference is what this one adds. */
  simulatedMs: number
  restarts: number
}

/** One prompt as the simulator saw it; times in milliseconds of the machine's monotonic clock (`hrtime`). */
export type SimulatedPrompt = {
  id: string
  arrivedMs: number
  startedMs?: number
  endedMs?: number
  status?: 'success' | 'error'
  loaded: readonly string[]
}

/** Some simulators in one process. */
export class Simulators implements AsyncDisposable {
  readonly #running: ComfySim[] = []

  async start(settings: readonly SimulatorSettings[]): Promise<string[]> {
    for (const { seed, ...options } of settings) {
      const random = new Random(seed)
      this.#running.push(await startComfySim({ ...options, random: () => random.next() }))
    }
    return this.#running.map(({ url }) => url)
  }

  stats(): Promise<SimulatorStats[]> {
    return Promise.resolve(this.#running.map(countsOf))
  }

  prompts(index: number): Promise<SimulatedPrompt[]> {
    const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now()
    const shifted = (ms: number | undefined) => (ms === undefined ? undefined : ms + offset)
    return Promise.resolve(
      this.#at(index).stats.prompts.map(({ id, arrivedAt, startedAt, endedAt, status, loaded }) => ({
        id,
        arrivedMs: arrivedAt + offset,
        startedMs: shifted(startedAt),
        endedMs: shifted(endedAt),
        status,
        loaded,
      })),
    )
  }

  inject(index: number, failure: FailureRule): Promise<void> {
    this.#at(index).inject(failure)
    return Promise.resolve()
  }

  crash(index: number): Promise<void> {
    return this.#at(index).crash()
  }

  restart(index: number): Promise<void> {
    return this.#at(index).restart()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((simulator) => simulator.close()))
  }

  #at(index: number): ComfySim {
    const simulator = this.#running[index]
    if (!simulator) throw new RangeError(`There is no simulator ${index} here`)
    return simulator
  }
}

function countsOf({ stats }: ComfySim): SimulatorStats {
  const counts = { succeeded: 0, failed: 0, cold: 0, loads: 0, busyMs: 0, simulatedMs: 0 }
  for (const { startedAt, endedAt, status, loaded, simulatedMs } of stats.prompts) {
    if (startedAt === undefined || endedAt === undefined) continue
    counts[status === 'success' ? 'succeeded' : 'failed']++
    counts.loads += loaded.length
    if (loaded.length > 0) counts.cold++
    counts.busyMs += endedAt - startedAt
    counts.simulatedMs += simulatedMs
  }
  const last = stats.prompts.findLast(({ startedAt }) => startedAt !== undefined)
  const running = last !== undefined && last.endedAt === undefined
  return { prompts: stats.prompts.length, running, restarts: stats.restarts, ...counts }
}
