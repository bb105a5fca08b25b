import { AppError } from '@easel/protocol'
import type { JobView } from '@easel/client'
import { formatAge, formatBytes, formatMs, formatPercent, formatSeconds } from './units.ts'

/** Why a job did not succeed; nothing for one that did, or that goes on. */
export function failureOf(
  { id, status, error }: JobView,
  titles?: ReadonlyMap<string, string>,
): AppError | undefined {
  if (status === 'canceled') return new AppError('conflict', `Job ${id} was canceled`, { reason: 'CANCELED' })
  if (status === 'expired') {
    return new AppError('conflict', `Job ${id} expired before it could start`, { reason: 'EXPIRED' })
  }
  if (status !== 'failed') return undefined
  const title = error?.node && (titles?.get(error.node) ?? error.nodeClass)
  const node = error?.node ? ` at node ${error.node}${title ? ` (${title})` : ''}` : ''
  return new AppError('conflict', `Job ${id} failed${node}: ${error?.message ?? 'nobody knows why'}`, {
    reason: error?.code ?? 'FAILED',
    faults: error?.nodeErrors ?? [],
  })
}

/** `42% KSampler`, `place 3`, or nothing. */
export function progressOf({ status, phase, position, progress }: JobView): string {
  if (status === 'queued') return position ? `place ${position}` : ''
  if (status !== 'running') return ''
  return [progress && formatPercent(progress.value), progress?.nodeClass ?? phase].filter(Boolean).join(' ')
}

export function jobFacts(job: JobView): (readonly [string, string | number | null | undefined])[] {
  const { timings, attempts, usage, estimate } = job
  const spans = [
    ['queued', timings.queuedMs],
    ['bound', timings.bindMs],
    ['inputs', timings.inputsMs],
    ['fetch', timings.modelsMs],
    ['model', timings.modelLoadMs],
    ['run', timings.executeMs],
    ['save', timings.saveMs],
    ['total', timings.totalMs],
  ] as const
  return [
    ['id', job.id],
    ['name', job.name],
    ['status', [job.status, progressOf(job)].filter(Boolean).join(', ')],
    ['ETA', job.status === 'queued' || job.status === 'running' ? formatSeconds(job.etaSeconds) : ''],
    ['priority', job.rank ? `${job.priority}, rank ${job.rank}` : job.priority],
    ['pool', job.pool],
    ['models', job.models?.join(', ')],
    ['labels', job.labels?.join(', ')],
    ['workflow', job.workflowId && `${job.workflowId} version ${job.workflowVersion ?? '?'}`],
    ['session', job.sessionId],
    ['repeats', job.retryOf],
    ['created', `${job.createdAt} (${formatAge(job.createdAt)})`],
    ['started', job.startedAt],
    ['finished', job.finishedAt],
    [
      'times',
      spans
        .filter(([, ms]) => ms)
        .map(([name, ms]) => `${name} ${formatMs(ms)}`)
        .join(', '),
    ],
    ['estimate', estimate ? costOf(estimate) : ''],
    ['GPU', usage.gpuSeconds > 0 ? costOf(usage) : ''],
    ['attempts', attempts.map(attemptOf).join('; ')],
  ]
}

/** `12s of GPU, $0.0042` */
function costOf({ gpuSeconds, costMicros }: JobView['usage']): string {
  const dollars = costMicros > 0 ? `, $${(costMicros / 1_000_000).toFixed(4)}` : ''
  return `${formatSeconds(gpuSeconds)} of GPU${dollars}`
}

function attemptOf({ number, state, worker, warm }: JobView['attempts'][number]): string {
  const heat = warm === true ? ' (warm)' : warm === false ? ' (cold)' : ''
  return `${number} ${state} on ${worker}${heat}`
}

export function outputLines({ outputs }: JobView): string[] {
  return outputs.map(({ index, kind, assetId, width, height, bytes, filename, temporary }) => {
    const size = width && height ? `${width}×${height}` : ''
    const words = [kind, size, formatBytes(bytes), filename ?? '', temporary ? '(preview)' : '']
    return `${String(index).padStart(2)}  ${assetId}  ${words.filter(Boolean).join('  ')}`
  })
}
