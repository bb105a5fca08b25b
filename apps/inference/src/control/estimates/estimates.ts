import type { GraphNeeds } from '@easel/comfyui'
import type { DatabaseLog } from '@easel/database'
import { estimateOf } from './estimate.ts'
import type { Learned } from './estimate.ts'
import type { EstimatesRepository, LearnedRow, LoadRow } from './estimates.repository.ts'
import { readSignature, writeSignature } from './learned-under.ts'
import type { Observation } from './observations.ts'

export type EstimatesOptions = { repository: EstimatesRepository; log: DatabaseLog }

/** What is kept with a job. */
export type JobEstimate = { signature: string; estimate: number; estimateMicros: number }

const refreshEveryMs = 5_000
/** A change that was committed late must not be missed. */
const overlapSeconds = 10
const writeEveryMs = 2_000
const forgetEveryMs = 3_600_000
const maxRuns = 20_000
const maxLoads = 20_000
/** While the database is away; then what comes is not learned from. */
const maxUnwritten = 5_000

/**
 * What runs and loads of models probably take. All of it is in memory, read again every few seconds in the
 * background: a submission asks nobody. What ended attempts tell is gathered and written every two seconds; a crash
 * in between costs a few values of a running mean.
 */
export class Estimates implements AsyncDisposable {
  private readonly options: EstimatesOptions
  private readonly runs = new Map<string, Learned>()
  private readonly loads = new Map<string, Map<string, number>>()
  private rates = new Map<string, number>()
  private reading: Promise<void> | undefined
  private readAt: number | undefined
  private forgotAt = performance.now()
  private readonly newRuns = new Map<string, LearnedRow>()
  private readonly newLoads = new Map<string, LoadRow>()
  private timer: NodeJS.Timeout | undefined
  private writing: Promise<void> = Promise.resolve()

  constructor(options: EstimatesOptions) {
    this.options = options
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.timer)
    await this.writing
    await this.write()
    await this.reading
  }

  async of(needs: GraphNeeds, pool: string): Promise<JobEstimate> {
    await this.ready()
    const signature = writeSignature(needs)
    const estimate = this.secondsOf({ signature, models: needs.models })
    const micros = ((this.rates.get(pool) ?? 0) * estimate) / 3_600
    return { signature, estimate, estimateMicros: Math.ceil(micros) }
  }

  /** By what is known now; 0 for jobs of earlier releases. */
  secondsOf({ signature, models }: { signature: string | null; models: readonly string[] }): number {
    void this.ready()
    const under = readSignature(signature, models)
    return under ? estimateOf(under, models, this.runs).seconds : 0
  }

  /** Has a run of just this graph, at this size, been seen? */
  hasRun({ signature, models }: { signature: string | null; models: readonly string[] }): boolean {
    void this.ready()
    const under = readSignature(signature, models)
    return under !== undefined && this.runs.has(under.exact)
  }

  /** How long loading these takes: on this worker, else on the slowest that is known. Undefined: nobody knows. */
  loadMs(models: readonly string[], workerId: string): number | undefined {
    void this.ready()
    let sum: number | undefined
    for (const model of models) {
      const known = this.loads.get(model)
      const ms = known?.get(workerId) ?? (known && Math.max(...known.values()))
      if (ms !== undefined) sum = (sum ?? 0) + ms
    }
    return sum
  }

  /** To be called for each attempt once, when its end is in the ledger. */
  learn(observations: readonly Observation[]): void {
    for (const { runs, loads } of observations) {
      for (const { key, seconds } of runs) this.addRun(key, seconds)
      for (const load of loads) this.addLoad(load)
    }
    if (this.newRuns.size + this.newLoads.size > 0) this.writeSoon()
  }

  /** Everything has been read at least once; what is old is read anew, without waiting for it. */
  async ready(): Promise<void> {
    const now = performance.now()
    if (this.readAt !== undefined && now - this.readAt < refreshEveryMs) return
    this.reading ??= this.read().finally(() => (this.reading = undefined))
    if (this.readAt === undefined) await this.reading
  }

  private async read(): Promise<void> {
    const { repository, log } = this.options
    const now = performance.now()
    const since = this.readAt === undefined ? undefined : (now - this.readAt) / 1_000 + overlapSeconds
    try {
      const [runs, loads, rates] = await Promise.all([
        repository.listRuns(since, maxRuns),
        repository.listLoads(since, maxLoads),
        repository.listRates(),
      ])
      if (this.runs.size + runs.length > 2 * maxRuns) this.runs.clear()
      if (this.loads.size + loads.length > 2 * maxLoads) this.loads.clear()
      for (const { key, ...learned } of runs) this.runs.set(key, learned)
      for (const { workerId, model, ms } of loads) this.know(model, workerId, ms)
      this.rates = new Map(rates.map(({ pool, costMicrosPerHour }) => [pool, costMicrosPerHour]))
      this.readAt = now
    } catch (cause) {
      // A guess is no reason to refuse a job.
      log.warn({ err: cause }, 'what runs take could not be read; older values serve')
    }
  }

  private addRun(key: string, seconds: number): void {
    const known = this.newRuns.get(key)
    if (!known && this.newRuns.size >= maxUnwritten) return
    const { runs, seconds: mean } = known ?? { runs: 0, seconds: 0 }
    this.newRuns.set(key, { key, runs: runs + 1, seconds: (mean * runs + seconds) / (runs + 1) })
    // The next submission already counts with the first.
    if (!this.runs.has(key)) this.runs.set(key, { runs: 1, seconds })
  }

  private addLoad({ workerId, model, ms }: Observation['loads'][number]): void {
    const key = `${workerId}\n${model}`
    const known = this.newLoads.get(key)
    if (!known && this.newLoads.size >= maxUnwritten) return
    const { runs, ms: mean } = known ?? { runs: 0, ms: 0 }
    this.newLoads.set(key, { workerId, model, runs: runs + 1, ms: (mean * runs + ms) / (runs + 1) })
    if (!this.loads.get(model)?.has(workerId)) this.know(model, workerId, ms)
  }

  private know(model: string, workerId: string, ms: number): void {
    const byWorker = this.loads.get(model) ?? new Map<string, number>()
    byWorker.set(workerId, ms)
    this.loads.set(model, byWorker)
  }

  private writeSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.writing = this.write()
    }, writeEveryMs)
    this.timer.unref()
  }

  private async write(): Promise<void> {
    const { repository, log } = this.options
    const runs = [...this.newRuns.values()]
    const loads = [...this.newLoads.values()]
    this.newRuns.clear()
    this.newLoads.clear()
    try {
      if (runs.length > 0) await repository.addRuns(runs)
      if (loads.length > 0) await repository.addLoads(loads)
      if (performance.now() - this.forgotAt < forgetEveryMs) return
      this.forgotAt = performance.now()
      await repository.forgetOld()
    } catch (cause) {
      log.warn({ err: cause }, 'what runs took could not be written')
    }
  }
}
