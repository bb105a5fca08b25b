import { useSuspenseQuery } from '@tanstack/react-query'
import { readSpace } from './easel.ts'
import { meQuery } from './queries.ts'

/** What the one who is logged in may do with models; the server decides, this only keeps buttons away that it refuses. */
export function useRights(): { admin: boolean; tend: boolean; fetch: boolean } {
  const { data: me } = useSuspenseQuery(meQuery)
  const chosen = readSpace()
  const space = me.spaces.find(({ id, slug }) => id === chosen || slug === chosen)
  const tend = me.role !== 'viewer'
  return { admin: me.role === 'admin', tend, fetch: tend && space?.role !== 'viewer' }
}
