import { useMutation } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import type { CreateDownload } from '@easel/client'

/** Fetches something; what becomes of it shows under Downloads and in the library. */
export function useInstall(what: string) {
  return useMutation({
    mutationFn: (wish: CreateDownload) =>
      easel.downloads.create(wish, { idempotencyKey: crypto.randomUUID() }),
    onSuccess: () => {
      tell(`${what} is being fetched`, { description: 'Downloads shows how far it is.' })
      void queries.invalidateQueries({ queryKey: ['downloads'] })
    },
    onError: tellError,
  })
}
