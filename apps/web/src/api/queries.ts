import { QueryClient, queryOptions } from '@tanstack/react-query'
import { EaselError } from '@easel/client'
import { easel, forgetSpace, readSpace } from './easel.ts'
import { logIn } from './log-in.ts'
import type { Me } from '@easel/client'

/** What changes is told by the event stream: nothing is asked again by the clock. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      // What cannot be reached is told, not waited for; the feed asks again when the server is back.
      refetchOnReconnect: false,
      networkMode: 'always',
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof EaselError) || error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false, networkMode: 'always' },
  },
})

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    const me = await easel.auth.me().catch((cause: unknown) => {
      if (!(cause instanceof EaselError) || cause.code !== 'SPACE_NOT_FOUND') throw cause
      forgetSpace()
      return easel.auth.me()
    })
    logIn.hold()
    return me
  },
  retry: false,
})

/** The id of the space that this tab works in. */
export function spaceOf({ spaces, personalSpaceId }: Me): string {
  const chosen = readSpace()
  if (chosen === undefined) return personalSpaceId
  return spaces.find(({ id, slug }) => id === chosen || slug === chosen)?.id ?? chosen
}

export const spacesQuery = queryOptions({
  queryKey: ['spaces'],
  queryFn: () => easel.spaces.list({ limit: 200 }),
})

export const systemQuery = queryOptions({ queryKey: ['system'], queryFn: () => easel.system.status() })
