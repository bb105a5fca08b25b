import type { AttemptView, JobView } from '@easel/contracts'
import { priorityOf } from './job.ts'
import type { Attempt, Job } from './job.ts'

export function toJobView(job: Job, attempts: readonly Attempt[]): JobView {
  return {
    id: job.id,
    kind: job.kind,
    name: job.name,
    status: job.status,
    estimate: { gpuSeconds: job.estimate, costMicros: job.estimateMicros },
    priority: priorityOf(job.priority),
    rank: job.rank,
    models: [...job.models, ...job.loras],
    labels: job.labels,
    pool: job.pool,
    outputs: job.outputs,
    timings: job.timings,
    attempts: attempts.map(toAttemptView),
    error: job.error,
    warnings: job.warnings,
    usage: { gpuSeconds: job.gpuSeconds, costMicros: job.costMicros },
    workflowId: job.workflowId,
    workflowVersion: job.workflowVersion,
    sessionId: job.sessionId,
    retryOf: job.retryOf,
    spaceId: job.spaceId,
    createdBy: job.createdBy,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    expiresAt: job.expiresAt?.toISOString() ?? null,
  }
}

function toAttemptView(attempt: Attempt): AttemptView {
  return {
    number: attempt.number,
    state: attempt.state,
    worker: attempt.workerId,
    boundAt: attempt.boundAt.toISOString(),
    startedAt: attempt.startedAt?.toISOString() ?? null,
    endedAt: attempt.endedAt?.toISOString() ?? null,
    gpuSeconds: attempt.gpuSeconds,
    warm: attempt.warm,
    error: attempt.error,
  }
}
