import type { QueryClient } from '@tanstack/react-query'

/** What runs now, by id. `isAll` is false when there was more than is counted. */
export type OpenWork = { ids: readonly string[]; isAll: boolean }

export const openJobs = ['open-work', 'jobs'] as const
export const openDownloads = ['open-work', 'downloads'] as const

/** False: it is not known well enough to count on, and has to be read. */
export function countOpen(
  client: QueryClient,
  queryKey: typeof openJobs | typeof openDownloads,
  { id, isOpen }: { id: string; isOpen: boolean },
): boolean {
  const state = client.getQueryState<OpenWork>(queryKey)
  if (!state) return true
  const { data, fetchStatus } = state
  if (data && data.ids.includes(id) !== isOpen) {
    const ids = isOpen ? [...data.ids, id] : data.ids.filter((each) => each !== id)
    client.setQueryData<OpenWork>(queryKey, { ...data, ids })
  }
  // The answer under way may be older than this.
  return fetchStatus === 'idle' && data?.isAll !== false
}
