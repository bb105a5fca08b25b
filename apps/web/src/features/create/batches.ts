import type { JobView } from '@easel/client'

/** Submits of one press of the button come one after the other within this time. */
const togetherMs = 3_000

export type Batch = { id: string; jobs: JobView[] }

/** Jobs, newest first, with those together that were sent together: same name, each soon after the one before. */
export function batchesOf(jobs: readonly JobView[]): Batch[] {
  const batches: Batch[] = []
  for (const job of jobs) {
    const batch = batches.at(-1)
    const later = batch?.jobs.at(-1)
    if (batch && later && belongs(job, later)) batch.jobs.push(job)
    else batches.push({ id: job.id, jobs: [job] })
  }
  // Named after the first that was sent: the others come in before it.
  return batches.map(({ jobs: own }) => ({ id: own.at(-1)!.id, jobs: own.toReversed() }))
}

const belongs = (earlier: JobView, later: JobView): boolean =>
  earlier.name === later.name &&
  !earlier.retryOf &&
  !later.retryOf &&
  Date.parse(later.createdAt) - Date.parse(earlier.createdAt) <= togetherMs
