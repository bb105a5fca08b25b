import type { DownloadView } from '@easel/client'
import { formatCount } from '../output/units.ts'

/** What a download brings, as people know it. */
export function nameOf({ title, filename, url, files }: DownloadView): string {
  const several = files && files.length > 1 ? ` (${formatCount(files.length, 'file')})` : ''
  return `${title ?? filename ?? url}${several}`
}
