import type { LearnedUnder } from './learned-under.ts'
import { priorPerUnit } from './prior.ts'

/** What runs of one kind took: GPU-seconds of a run, or of a unit of work. */
export type Learned = { runs: number; seconds: number }

export type LearnedSeconds = { get(key: string): Learned | undefined }

export type Estimate = { seconds: number; from: 'exact' | 'coarse' | 'model' | 'prior' }

/** A week: longer than any ceiling. */
const most = 7 * 86_400
const least = 0.01

/** GPU-seconds of one run, without loading models: from the nearest that is known. */
export function estimateOf(
  under: LearnedUnder,
  models: readonly string[],
  learned: LearnedSeconds,
): Estimate {
  const { exact, coarse, model, units } = under
  const run = learned.get(exact)
  if (run) return bounded(run.seconds, 'exact')
  const kind = learned.get(coarse)
  if (kind) return bounded(kind.seconds * units, 'coarse')
  const family = model === null ? undefined : learned.get(model)
  if (family) return bounded(family.seconds * units, 'model')
  return bounded(priorPerUnit(models) * units, 'prior')
}

function bounded(seconds: number, from: Estimate['from']): Estimate {
  return { seconds: Math.min(most, Math.max(least, seconds)), from }
}
