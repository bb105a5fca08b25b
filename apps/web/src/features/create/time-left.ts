import { isGiven } from '../../lib/given.ts'
import type { JobView } from '@easel/client'

/** So little tells nothing yet of the rest. */
const least = 0.05

/** While it runs, how far it has come tells better how long it takes than what was guessed before. */
export function withTimeLeft(job: JobView, now: number): JobView {
  const { status, progress, startedAt } = job
  if (status !== 'running' || !isGiven(startedAt)) return job
  const value = Math.min(1, progress?.value ?? 0)
  const seconds = (now - Date.parse(startedAt)) / 1_000
  // The clocks of two machines may differ.
  if (value < least || seconds <= 0) return job
  return { ...job, etaSeconds: Math.ceil((seconds * (1 - value)) / value) }
}
