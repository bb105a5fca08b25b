import type { ModelLoad } from '@easel/contracts'
import type { EndedAttempt } from '../jobs/job-machine.ts'
import type { Job } from '../jobs/job.ts'
import { readSignature } from './learned-under.ts'

/** What one ended attempt tells. */
export type Observation = {
  /** Seconds of a run or of a unit of work, by what they are learned under. */
  runs: { key: string; seconds: number }[]
  loads: { workerId: string; model: string; ms: number }[]
}

const maxLoadMs = 3_600_000

/** Undefined when it tells nothing: only what succeeded, and whose time was measured, is learned from. */
export function observationOf({ job, attempt, details }: EndedAttempt): Observation | undefined {
  if (details?.result !== 'succeeded' || details.cached) return undefined
  const under = readSignature(job.signature, job.models)
  const { executeMs } = details.timings
  if (!under || typeof executeMs !== 'number') return undefined
  const seconds = Math.max(0, executeMs / 1_000)
  const perUnit = seconds / under.units
  const runs = [
    { key: under.exact, seconds },
    { key: under.coarse, seconds: perUnit },
    ...(under.model === null ? [] : [{ key: under.model, seconds: perUnit }]),
  ]
  return { runs, loads: loadsOf(details.loads ?? [], job, attempt.workerId) }
}

/** A worker tells only of models that the job named. */
function loadsOf(loads: readonly ModelLoad[], job: Job, workerId: string): Observation['loads'] {
  const named = new Set([...job.models, ...job.loras])
  return loads
    .filter(({ model, ms }) => named.has(model) && ms >= 0 && ms <= maxLoadMs)
    .map(({ model, ms }) => ({ workerId, model, ms }))
}
