import type { Estimates } from './estimates.ts'

export type TimeLimitRules = {
  /** Times what a run probably takes. */
  factor: number
  floorMs: number
  /** Also of graphs that have never run. */
  ceilingMs: number
}

export type Limited = { signature: string | null; models: readonly string[]; workerId: string }

/** How long an attempt may run: a multiple of what such runs took, so that one that hangs is not waited for half a day. */
export class TimeLimits {
  private readonly estimates: Pick<Estimates, 'secondsOf' | 'hasRun' | 'loadMs'>
  private readonly rules: TimeLimitRules

  constructor(estimates: Pick<Estimates, 'secondsOf' | 'hasRun' | 'loadMs'>, rules: TimeLimitRules) {
    this.estimates = estimates
    this.rules = rules
  }

  secondsFor(attempt: Limited): number {
    const { estimates } = this
    const { factor, floorMs, ceilingMs } = this.rules
    if (!estimates.hasRun(attempt)) return Math.round(ceilingMs / 1_000)
    const loadMs = estimates.loadMs(attempt.models, attempt.workerId) ?? 0
    const ms = factor * estimates.secondsOf(attempt) * 1_000 + loadMs
    return Math.round(Math.min(ceilingMs, Math.max(floorMs, ms)) / 1_000)
  }
}
