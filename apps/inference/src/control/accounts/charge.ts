import type { Job } from '../jobs/job.ts'

/**
 * Budgets pay for the attempt that brought the outputs, or for what the user let run and stopped. A job that
 * fails, expires or poisons, and every attempt before the last, is nobody's to pay.
 */
export function billed(job: Job, usage: { gpuSeconds: number; costMicros: number }): Job {
  return { ...job, chargedSeconds: usage.gpuSeconds, chargedMicros: usage.costMicros }
}
