import { isTraced, recordSpan } from '@easel/observability'
import type { BoundJob } from './scheduling.repository.ts'

/** Each job's binding in its own trace, though many are bound in one statement. */
export function recordBindings(jobs: readonly BoundJob[], startedAt: Date): void {
  if (!isTraced()) return
  for (const { jobId, attempt, workerId, traceparent } of jobs) {
    recordSpan('schedule.bind', {
      headers: { traceparent: traceparent ?? undefined },
      startedAt,
      attributes: () => ({
        'easel.job': jobId,
        'easel.attempt': attempt,
        'easel.worker': workerId,
        'easel.batch': jobs.length,
      }),
    })
  }
}
