import { QueryClient, queryOptions } from '@tanstack/react-query'
import { EaselError } from '@easel/client'
import { easel } from './easel.ts'

/** What changes is told by the event stream: nothing is asked again by the clock. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof EaselError) || error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false },
  },
})

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => easel.auth.me(), retry: false })

export const spacesQuery = queryOptions({
  queryKey: ['spaces'],
  queryFn: () => easel.spaces.list({ limit: 200 }),
})

export const systemQuery = queryOptions({ queryKey: ['system'], queryFn: () => easel.system.status() })
