import { queryOptions, useQueries, useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import type { DownloadFileView, DownloadView } from '@easel/client'

/** One download; the event stream keeps it as it is now. */
export const downloadQuery = (id: string) =>
  queryOptions({ queryKey: ['download', id], queryFn: () => easel.downloads.get(id) })

/** The downloads of this space that are not at their end, as they are now. */
export function useUnderWay(): readonly DownloadView[] {
  const { data } = useQuery({
    queryKey: ['downloads', 'under-way'],
    queryFn: () => easel.downloads.list({ status: ['queued', 'running', 'verifying', 'paused'], limit: 100 }),
  })
  const listed = data?.items ?? []
  return useQueries({
    queries: listed.map(({ id }) => ({ ...downloadQuery(id), enabled: false })),
    combine: (results) => results.map(({ data: live }, index) => live ?? listed[index]!),
  })
}

/** A file on its way, and what brings it. */
export type Fetched = {
  download: DownloadView
  file: Pick<DownloadFileView, 'status' | 'bytesDone' | 'bytesTotal' | 'error'>
}

/** Which download brings a file: by its content where that is known, else by its name. */
export function findFetched(
  downloads: readonly DownloadView[],
  wanted: { sha256?: string | null | undefined; name: string },
): Fetched | undefined {
  const hash = wanted.sha256?.toLowerCase()
  const name = wanted.name.split('/').at(-1)
  for (const download of downloads) {
    const file = download.files?.find((each) =>
      hash && each.sha256 ? each.sha256.toLowerCase() === hash : each.filename?.split('/').at(-1) === name,
    )
    if (file) return { download, file }
  }
  return undefined
}
