import type { ScanView } from '@easel/contracts'
import type { ScanRow } from './scan.repository.ts'

/** What one scan has done so far. A scan that others join goes on counting. */
export class ScanProgress {
  state: 'idle' | 'scanning' = 'scanning'
  found = 0
  hashed = 0
  unchanged = 0
  removed = 0
  failed = 0
  bytesHashed = 0
  bytesToHash = 0
  readonly startedAt = new Date()
  finishedAt: Date | null = null
}

export function toScanView(scan: ScanRow | ScanProgress | undefined): ScanView {
  return {
    state: scan?.state === 'scanning' ? 'scanning' : 'idle',
    found: scan?.found ?? 0,
    hashed: scan?.hashed ?? 0,
    unchanged: scan?.unchanged ?? 0,
    removed: scan?.removed ?? 0,
    failed: scan?.failed ?? 0,
    bytesHashed: Number(scan?.bytesHashed ?? 0),
    bytesToHash: Number(scan?.bytesToHash ?? 0),
    startedAt: scan?.startedAt?.toISOString() ?? null,
    finishedAt: scan?.finishedAt?.toISOString() ?? null,
  }
}
