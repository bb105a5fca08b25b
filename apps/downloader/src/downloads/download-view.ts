import type { DownloadStatus, DownloadView } from '@easel/contracts'

/** A download joined with its transfer. */
export type DownloadRow = {
  id: string
  transferId: string
  spaceId: string
  createdBy: string
  priority: number
  createdAt: Date
  url: string
  folder: string
  filename: string | null
  status: string
  transferStatus: string
  expectedSha256: string | null
  sha256: string | null
  bytesDone: string
  bytesTotal: string | null
  bytesPerSecond: number | null
  attempts: number
  errorCode: string | null
  errorMessage: string | null
  finishedAt: Date | null
}

/** What a replica knows of a transfer that it runs and the database does not yet. */
export type Progress = { bytesDone: number; bytesPerSecond: number }

export function toDownloadView(row: DownloadRow, progress?: Progress): DownloadView {
  const bytesDone = progress?.bytesDone ?? Number(row.bytesDone)
  const bytesTotal = row.bytesTotal === null ? null : Number(row.bytesTotal)
  const runs = row.status === 'running'
  const bytesPerSecond = runs ? (progress?.bytesPerSecond ?? row.bytesPerSecond) : null
  return {
    id: row.id,
    source: 'url',
    url: row.url,
    status: row.status as DownloadStatus,
    folder: row.folder,
    filename: row.filename,
    bytesTotal,
    bytesDone,
    bytesPerSecond,
    etaSeconds: etaOf(bytesTotal, bytesDone, bytesPerSecond),
    sha256: row.sha256 ?? row.expectedSha256,
    verification: verificationOf(row),
    attempts: row.attempts,
    priority: row.priority,
    error:
      row.status === 'failed' && row.errorCode !== null
        ? { code: row.errorCode, message: row.errorMessage ?? '' }
        : null,
    transferId: row.transferId,
    spaceId: row.spaceId,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}

function etaOf(total: number | null, done: number, rate: number | null): number | null {
  return total === null || !rate ? null : Math.ceil(Math.max(0, total - done) / rate)
}

function verificationOf(row: DownloadRow): DownloadView['verification'] {
  if (row.errorCode === 'HASH_MISMATCH') return 'mismatch'
  if (row.transferStatus !== 'completed') return 'pending'
  return row.expectedSha256 === null ? 'unverified' : 'verified'
}
