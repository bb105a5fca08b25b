import type { BundleFile, BundleFileStatus, BundleStatus, TransferProgress } from '@easel/contracts'
import { partsOf } from './bundle-choice.ts'
import type { BundlePart } from './bundle-choice.ts'

export type Held = { path: string; bytes: number; sha256: string | null }

/** What is known of the files of a bundle. */
export type Seen = {
  byHash: ReadonlyMap<string, Held>
  byPath: ReadonlyMap<string, Held>
  transfers: ReadonlyMap<string, TransferProgress>
}

export const pathOf = ({ folder, filename }: Pick<BundleFile, 'folder' | 'filename'>): string =>
  `${folder}/${filename}`

export function bundleStatus(
  { id, files }: { id: string; files: readonly BundleFile[] },
  seen: Seen,
  variant?: string,
): BundleStatus {
  const parts = partsOf(files).map((part) => ({ ...part, file: best(part, seen, variant) }))
  const needed = parts.filter(({ optional }) => !optional).map(({ file }) => file)
  const bytesTotal = needed.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
  const bytesPresent = Math.round(
    needed.reduce((sum, { bytes, progress }) => sum + (bytes ?? 0) * progress, 0),
  )
  const done = needed.reduce((sum, { progress }) => sum + progress, 0)
  const isWhole = needed.every(({ state }) => state === 'present')
  return {
    id,
    state: isWhole ? 'present' : done > 0 ? 'partial' : 'missing',
    progress: isWhole
      ? 1
      : Math.min(0.999, bytesTotal > 0 ? bytesPresent / bytesTotal : done / needed.length),
    bytesPresent,
    bytesTotal,
    files: parts.map(({ file }) => file),
  }
}

/** Of several precisions the one that was asked for, else the one that is here, else the preferred one. */
function best(part: BundlePart, seen: Seen, variant: string | undefined): BundleFileStatus {
  const wanted = variant?.toLowerCase()
  const asked = part.alternatives.find(({ precision }) => wanted && precision?.toLowerCase() === wanted)
  if (asked) return fileStatus(asked, seen)
  const statuses = part.alternatives.map((file) => fileStatus(file, seen))
  return (
    statuses.find(({ state }) => state === 'present') ??
    statuses.find(({ progress }) => progress > 0) ??
    statuses[0]!
  )
}

function fileStatus(file: BundleFile, { byHash, byPath, transfers }: Seen): BundleFileStatus {
  const path = pathOf(file)
  const here = byPath.get(path)
  const right = file.sha256 ? byHash.get(file.sha256) : undefined
  if (right) return { ...file, state: 'present', progress: 1, path: right.path }
  const transfer = transfers.get(path)
  const isMoving = transfer && ['queued', 'running', 'verifying'].includes(transfer.status)
  if (transfer && (isMoving || (!here && transfer.bytesDone > 0))) {
    const total = transfer.bytesTotal ?? file.bytes ?? 0
    const progress = total > 0 ? Math.min(0.999, transfer.bytesDone / total) : 0
    return {
      ...file,
      bytes: file.bytes ?? transfer.bytesTotal ?? null,
      state: isMoving ? 'downloading' : 'partial',
      progress,
    }
  }
  if (!here) return { ...file, state: 'missing', progress: 0 }
  const isShort = typeof file.bytes === 'number' && here.bytes < file.bytes
  // It is being hashed: nobody can say yet that it is right.
  if (file.sha256 && here.sha256 === null) {
    return {
      ...file,
      state: 'partial',
      progress: isShort ? here.bytes / file.bytes! : 0.999,
      path: here.path,
    }
  }
  if (!file.sha256 && (typeof file.bytes !== 'number' || here.bytes === file.bytes)) {
    return { ...file, bytes: file.bytes ?? here.bytes, state: 'present', progress: 1, path: here.path }
  }
  if (isShort) return { ...file, state: 'partial', progress: here.bytes / file.bytes!, path: here.path }
  return { ...file, state: 'wrong', progress: 0, path: here.path }
}
