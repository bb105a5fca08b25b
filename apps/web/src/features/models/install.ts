import { useMutation } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { downloadQuery } from '../downloads/under-way.ts'
import type { CreateDownload } from '@easel/client'

/** Fetches something. What it comes to is known by the stream of events from then on. */
export function useInstall() {
  return useMutation({
    mutationFn: (wish: CreateDownload) =>
      easel.downloads.create(wish, { idempotencyKey: crypto.randomUUID() }),
    onSuccess: (download) => {
      // It may have ended before its answer came.
      queries.setQueryData(downloadQuery(download.id).queryKey, (known) => known ?? download)
      void queries.invalidateQueries({ queryKey: ['downloads'] })
    },
  })
}
