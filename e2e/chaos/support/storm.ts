import { setTimeout as delay } from 'node:timers/promises'
import type { PlannedFault } from './fault-plan.ts'
import { strikeOf } from './faults.ts'
import type { FaultContext } from './faults.ts'

export type StormOptions = FaultContext & {
  plan: readonly PlannedFault[]
  /** Faults at the same time, at the most. */
  atOnce: number
  signal: AbortSignal
  log: (line: string) => void
  onBegin: () => void
}

/** What was done: a line for each fault, and those that could not be done as planned. */
export type StormReport = { struck: number; kinds: Map<string, number>; failed: string[] }

/** Plays the plan: each fault at its time, or as soon as its target is free. */
export async function storm(options: StormOptions): Promise<StormReport> {
  const { plan, atOnce, signal, log, onBegin } = options
  const began = performance.now()
  const busy = new Map<string, Promise<void>>()
  const running = new Set<Promise<void>>()
  const report: StormReport = { struck: 0, kinds: new Map(), failed: [] }
  for (const fault of plan) {
    await delay(fault.gapMs)
    while (running.size >= atOnce) await Promise.race(running)
    const { target, strike } = strikeOf(fault, options)
    await busy.get(target)
    if (signal.aborted) break
    const at = ((performance.now() - began) / 1_000).toFixed(1)
    log(`#${fault.number} +${at}s ${fault.kind}: ${target} (${fault.holdMs} ms)`)
    onBegin()
    const work = strike()
      .then(() => {
        report.struck += 1
        report.kinds.set(fault.kind, (report.kinds.get(fault.kind) ?? 0) + 1)
      })
      .catch((cause: unknown) => {
        const said = cause instanceof Error ? cause.message : String(cause)
        report.failed.push(`#${fault.number} ${fault.kind}: ${said}`)
        log(`#${fault.number} could not be done: ${said}`)
      })
      .finally(() => {
        running.delete(work)
        if (busy.get(target) === work) busy.delete(target)
      })
    running.add(work)
    busy.set(target, work)
  }
  await Promise.all(running)
  return report
}
