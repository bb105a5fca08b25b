import type {
  DownloadError,
  DownloadFileView,
  DownloadSource,
  DownloadStatus,
  DownloadView,
} from '@easel/contracts'

/** A file of a download, with its transfer. Of bytes, what JSON can hold. */
export type FileRow = {
  transferId: string
  position: number
  reused: boolean
  /** The transfer's. */
  status: string
  folder: string
  filename: string | null
  expectedSha256: string | null
  sha256: string | null
  bytesDone: number
  bytesTotal: number | null
  expectedBytes: number | null
  bytesPerSecond: number | null
  attempts: number
  errorCode: string | null
  errorMessage: string | null
  approvalUrl: string | null
}

/** A download with its files, in their order. */
export type DownloadRow = {
  id: string
  spaceId: string
  createdBy: string
  priority: number
  createdAt: Date
  source: string
  url: string
  title: string | null
  modelId: string | null
  versionId: string | null
  wish: string
  status: string
  finishedAt: Date | null
  files: FileRow[]
}

/** What a replica knows of a transfer that it runs and the database does not yet. */
export type Progress = { bytesDone: number; bytesPerSecond: number }

type Options = {
  /** By transfer. */
  progress?: ReadonlyMap<string, Progress>
  /** Left out of what holds many downloads, where there are more files than this. */
  mostFiles?: number
}

const open = new Set(['queued', 'running', 'verifying', 'paused'])

export function toDownloadView(row: DownloadRow, { progress, mostFiles }: Options = {}): DownloadView {
  const files = row.files.map((file) => {
    const now = progress?.get(file.transferId)
    if (!now || !open.has(file.status)) return file
    return { ...file, ...now, status: file.status === 'queued' ? 'running' : file.status }
  })
  const views = files.map((file) => toFileView(row, file))
  const only = views.length === 1 ? views[0] : undefined
  const totals = views.map(({ bytesTotal }) => bytesTotal ?? null)
  const bytesTotal = totals.includes(null) ? null : sum(totals.map((bytes) => bytes ?? 0))
  const bytesDone = sum(views.map((view) => view.bytesDone))
  const speeds = files.filter(({ status }) => status === 'running').map((file) => file.bytesPerSecond ?? 0)
  const bytesPerSecond = row.status === 'running' ? sum(speeds) : null
  return {
    id: row.id,
    title: row.title,
    ...(views.length <= (mostFiles ?? Infinity) && { files: views }),
    modelId: row.modelId,
    versionId: row.versionId,
    source: row.source as DownloadSource,
    url: row.url,
    status: row.status as DownloadStatus,
    folder: commonFolder(views.map(({ folder }) => folder)),
    filename: only?.filename ?? null,
    bytesTotal,
    bytesDone,
    bytesPerSecond,
    etaSeconds: etaOf(bytesTotal, bytesDone, bytesPerSecond),
    sha256: only?.sha256 ?? null,
    verification: verificationOf(views),
    attempts: sum(files.map(({ attempts }) => attempts)),
    priority: row.priority,
    error: row.status === 'failed' ? errorOf(views) : null,
    transferId: only?.transferId ?? null,
    spaceId: row.spaceId,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}

function toFileView({ wish }: DownloadRow, file: FileRow): DownloadFileView {
  return {
    transferId: file.transferId,
    status: fileStatus(wish, file.status),
    folder: file.folder,
    filename: file.filename,
    bytesDone: file.bytesDone,
    bytesTotal: file.bytesTotal ?? file.expectedBytes,
    sha256: file.sha256 ?? file.expectedSha256,
    verification: fileVerification(file),
    reused: file.reused,
    error: fileError(file),
  }
}

/** A person's own word goes before the transfer's, until that is over. */
function fileStatus(wish: string, status: string): DownloadStatus {
  if (wish === 'canceled' && status !== 'completed') return 'canceled'
  if (wish === 'paused' && open.has(status)) return 'paused'
  return status as DownloadStatus
}

function fileVerification({ errorCode, status, expectedSha256 }: FileRow): DownloadView['verification'] {
  if (errorCode === 'HASH_MISMATCH') return 'mismatch'
  if (status !== 'completed') return 'pending'
  return expectedSha256 === null ? 'unverified' : 'verified'
}

const refused = new Set(['SOURCE_UNAUTHORIZED', 'SOURCE_FORBIDDEN'])

function fileError({ status, errorCode, errorMessage, approvalUrl }: FileRow): DownloadError | null {
  if (status !== 'failed' || errorCode === null) return null
  if (approvalUrl !== null && refused.has(errorCode)) {
    const message = `This model is not given to everybody. Ask for it at ${approvalUrl}, see that the stored token is that account's, then retry`
    return { code: 'MODEL_GATED', message }
  }
  return { code: errorCode, message: errorMessage ?? '' }
}

function errorOf(files: readonly DownloadFileView[]): DownloadError | null {
  const failed = files.filter(({ error }) => error)
  const first = failed[0]
  if (!first?.error || files.length === 1) return first?.error ?? null
  const { code, message } = first.error
  const name = first.filename ?? 'a file'
  return { code, message: `${failed.length} of ${files.length} files failed. ${name}: ${message}` }
}

function verificationOf(files: readonly DownloadFileView[]): DownloadView['verification'] {
  for (const outcome of ['mismatch', 'pending', 'unverified'] as const) {
    if (files.some(({ verification }) => verification === outcome)) return outcome
  }
  return 'verified'
}

/** Empty where they have none in common. */
function commonFolder(folders: readonly string[]): string {
  const [first = [], ...others] = folders.map((folder) => folder.split('/'))
  const same = first.findIndex((part, index) => others.some((parts) => parts[index] !== part))
  return (same === -1 ? first : first.slice(0, same)).join('/')
}

function etaOf(total: number | null, done: number, rate: number | null): number | null {
  return total === null || !rate ? null : Math.ceil(Math.max(0, total - done) / rate)
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
