import type { Job } from './job.ts'
import type { NewJob } from './jobs.repository.ts'

/** A job as it will be once the database has given it its place and its time. */
export function draftOf(job: NewJob): Job {
  return {
    id: job.id,
    kind: job.kind,
    name: job.name,
    priority: job.priority,
    pool: job.pool,
    spaceId: job.spaceId,
    createdBy: job.createdBy,
    sessionId: job.sessionId,
    workflowId: job.workflowId,
    workflowVersion: job.workflowVersion,
    retryOf: job.retryOf,
    webhookUrl: job.webhookUrl,
    idempotencyHash: job.idempotencyHash,
    seq: '0',
    status: 'queued',
    attempt: 0,
    workerId: null,
    avoid: [],
    outputs: [],
    warnings: [],
    timings: {},
    error: null,
    gpuSeconds: 0,
    costMicros: 0,
    createdAt: new Date(0),
    boundAt: null,
    startedAt: null,
    finishedAt: null,
    expiresAt: null,
  }
}
