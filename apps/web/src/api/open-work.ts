import { queryOptions } from '@tanstack/react-query'
import { easel } from './easel.ts'
import { openDownloads, openJobs } from './count-open.ts'
import type { OpenWork } from './count-open.ts'

const mostCounted = 100

const openWork = (queryKey: readonly string[], list: () => Promise<Listed>) =>
  queryOptions({
    queryKey,
    queryFn: async (): Promise<OpenWork> => {
      const { items, nextCursor } = await list()
      return { ids: items.map(({ id }) => id), isAll: typeof nextCursor !== 'string' }
    },
  })

type Listed = { items: readonly { id: string }[]; nextCursor?: string | null }

/** Read once; the event stream counts on. */
export const openJobsQuery = openWork(openJobs, () =>
  easel.jobs.list({ status: ['running', 'canceling'], limit: mostCounted }),
)
export const openDownloadsQuery = openWork(openDownloads, () =>
  easel.downloads.list({ status: ['running', 'verifying'], limit: mostCounted }),
)
