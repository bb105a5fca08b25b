import type { JobTimings } from '@easel/contracts'
import type { AttemptResultDetails, Job } from './job.ts'

/**
 * Every millisecond from submit to end, by phase. What the worker measured is taken as it says; `bindMs` is
 * the rest: the way to the worker, the wait in its prefetch slot, and the way back.
 */
export function accountFor(job: Job, end: AttemptResultDetails | undefined, at: Date): JobTimings {
  const totalMs = Math.max(0, at.getTime() - job.createdAt.getTime())
  const boundAt = job.boundAt ?? at
  const queuedMs = Math.min(totalMs, Math.max(0, boundAt.getTime() - job.createdAt.getTime()))
  if (!end) return { queuedMs, totalMs }
  const { inputsMs = 0, modelsMs = 0, modelLoadMs = 0, executeMs = 0, saveMs = 0 } = end.timings
  const measured = [inputsMs, modelsMs, modelLoadMs, executeMs, saveMs].reduce<number>(
    (sum, ms) => sum + (ms ?? 0),
    0,
  )
  return {
    queuedMs,
    bindMs: Math.max(0, totalMs - queuedMs - measured),
    inputsMs,
    ...(modelsMs && { modelsMs }),
    modelLoadMs,
    executeMs,
    saveMs,
    totalMs,
  }
}
