import type { RunningAttempt, WorkerView } from '@easel/contracts'
import type { WorkerRow } from './workers.repository.ts'

const silentMs = 5_000

export function toWorkerView(row: WorkerRow, attempts: readonly RunningAttempt[]): WorkerView {
  return {
    id: row.id,
    pool: row.pool,
    state: stateOf(row, attempts.length),
    simulator: row.simulator,
    comfyVersion: row.comfyVersion,
    gpu: row.gpu,
    vramTotal: row.vramTotal,
    vramFree: row.vramFree,
    runSlots: row.runSlots,
    attempts: [...attempts],
    labels: row.labels,
    warm: row.warm,
    environment: row.environment,
    costMicrosPerHour: row.costMicrosPerHour,
    version: row.version,
    lastSeenAt: row.lastSeenAt.toISOString(),
  }
}

function stateOf(row: WorkerRow, open: number): WorkerView['state'] {
  if (row.lostAt || row.silentMs > silentMs) return 'lost'
  if (row.draining || row.drainRequested) return 'draining'
  if (!row.ready) return 'starting'
  return open >= row.runSlots ? 'busy' : 'ready'
}
