import type { BundleFileStatus, BundleStatus, BundleView, DownloadView } from '@easel/client'

/** Of the files that come in several precisions, which there are. */
export function variantsOf({ files }: BundleView): string[] {
  const choices = files.filter(({ choice }) => choice !== null && choice !== undefined)
  const several = choices.filter(({ choice }) => choices.filter((each) => each.choice === choice).length > 1)
  return [...new Set(several.flatMap(({ precision }) => precision ?? []))]
}

/** With what is coming counted as it comes. */
export function withProgress(status: BundleStatus, underWay: readonly DownloadView[]): BundleStatus {
  const coming = new Map(
    underWay.flatMap(({ files }) => (files ?? []).map((file) => [`${file.folder}/${file.filename}`, file])),
  )
  const files = status.files.map((file): BundleFileStatus => {
    const transfer = coming.get(`${file.folder}/${file.filename}`)
    if (!transfer || file.state === 'present' || transfer.status === 'completed') return file
    const total = transfer.bytesTotal ?? file.bytes
    return {
      ...file,
      state: 'downloading',
      progress: total ? transfer.bytesDone / total : file.progress,
      bytes: total ?? null,
    }
  })
  const needed = files.filter(({ optional }) => !optional)
  const bytesTotal = needed.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
  const bytesPresent = Math.round(
    needed.reduce((sum, { bytes, progress }) => sum + (bytes ?? 0) * progress, 0),
  )
  return {
    ...status,
    files,
    bytesTotal,
    bytesPresent,
    progress: bytesTotal > 0 ? bytesPresent / bytesTotal : status.progress,
  }
}
