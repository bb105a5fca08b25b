import type { BundleStatus, CreateDownload } from '@easel/client'

/** As a download of its own: the list of a bundle tells everything that is needed. */
export function wishOf(file: BundleStatus['files'][number]): CreateDownload {
  const [url, ...mirrors] = file.urls
  return {
    source: 'url',
    url,
    ...(mirrors.length > 0 && { mirrors }),
    folder: file.folder,
    filename: file.filename,
    ...(file.sha256 && { sha256: file.sha256 }),
  }
}
