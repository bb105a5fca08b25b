import { useMutation } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { downloadQuery } from '../downloads/under-way.ts'
import type { CreateDownload, ModelFileView, ModelView, ModelWish, VersionView } from '@easel/client'

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

type Wanted = Pick<ModelFileView, 'id' | 'primary'>

export function wishFor(model: ModelView, version: Pick<VersionView, 'id'>, file: Wanted): ModelWish {
  if (model.source === 'civitai') {
    return { source: 'civitai', versionId: version.id, ...(!file.primary && { fileId: file.id }) }
  }
  return { source: 'huggingface', repo: model.id, path: file.id, revision: version.id }
}
