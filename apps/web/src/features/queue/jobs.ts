import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { isEnded } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { live } from '../../api/live.ts'
import { newerJob } from '../../api/newer-job.ts'
import { queries } from '../../api/queries.ts'
import { Paced } from '../../lib/paced.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import { nameOf } from './job-words.ts'
import { withEnded, withOpen } from './job-pages.ts'
import { fits, openStatuses } from './queue-search.ts'
import type { EaselEvent, JobView } from '@easel/client'
import type { JobPages } from './job-pages.ts'
import type { JobFilter } from './queue-search.ts'

const pageSize = 100
/** Places in the queue change with every job that ends: each page of them is read this often at the most. */
const placesMs = 1_000

const openKey = (filter: JobFilter) => ['queue', 'open', filter] as const
const endedKey = (filter: JobFilter, status: readonly string[]) => ['queue', 'ended', status, filter] as const

type Asked = { filter: JobFilter; status: JobView['status'][]; sort?: 'oldest'; enabled: boolean }

const useJobPages = (key: readonly unknown[], { filter, status, sort, enabled }: Asked) =>
  useInfiniteQuery({
    queryKey: key,
    enabled,
    // Nobody keeps it in step while nobody looks.
    staleTime: 0,
    queryFn: ({ pageParam }) =>
      easel.jobs.list({
        ...filter,
        status,
        limit: pageSize,
        ...(sort && { sort }),
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })

/** What runs and waits. */
export const useOpenJobs = (filter: JobFilter, enabled: boolean) =>
  useJobPages(openKey(filter), { filter, status: openStatuses, sort: 'oldest', enabled })

/** What has ended, the newest submitted first. */
export const useEndedJobs = (filter: JobFilter, status: JobView['status'][] | undefined) =>
  useJobPages(endedKey(filter, status ?? []), { filter, status: status ?? [], enabled: status !== undefined })

/** Keeps both lists in step with what happens, in place: nothing is read again but places in the queue. */
export function useQueueFeed(filter: JobFilter, ended: JobView['status'][] | undefined): void {
  const client = useQueryClient()
  const name = JSON.stringify([filter, ended])
  useEffect(() => {
    const pages = () => client.getQueryData<JobPages>(openKey(filter))?.pages.length ?? 1
    const places = new Paced(
      () => client.invalidateQueries({ queryKey: openKey(filter) }),
      () => placesMs * pages(),
    )
    const onEvent = ({ type, data }: EaselEvent) => {
      if (!type.startsWith('job.') || type === 'job.progress' || type === 'job.preview') return
      const job = data as JobView
      places.ask()
      if (!fits(job, filter)) return
      client.setQueryData<JobPages>(openKey(filter), (pages) => withOpen(pages, job))
      if (isEnded(job) && ended?.includes(job.status))
        client.setQueryData<JobPages>(endedKey(filter, ended), (pages) => withEnded(pages, job))
    }
    const stop = live.listen({ event: onEvent })
    return () => {
      places[Symbol.dispose]()
      stop()
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the filter is new in every render, its name is not
  }, [client, name])
}

/** `listed` as it is now: events keep the newest of each job under its id, and only lists know places. */
export function useJob(listed: JobView): JobView {
  const { data } = useQuery({
    queryKey: ['job', listed.id],
    queryFn: () => easel.jobs.get(listed.id),
    initialData: listed,
    enabled: false,
  })
  const job = newerJob(data, listed)
  return job.status === listed.status
    ? { ...job, position: listed.position, etaSeconds: listed.etaSeconds }
    : job
}

const readQueue = () => {
  void queries.invalidateQueries({ queryKey: ['queue'] })
  void queries.invalidateQueries({ queryKey: ['jobs'] })
}

export const useCancel = (job: JobView) =>
  useMutation({
    mutationFn: () => easel.jobs.cancel(job.id),
    onSuccess: (now) => {
      queries.setQueryData(['job', job.id], now)
      readQueue()
    },
    onError: tellError,
  })

export const useRetry = (job: JobView, onMade?: (made: JobView) => void) =>
  useMutation({
    mutationFn: () => easel.jobs.retry(job.id),
    onSuccess: (made) => {
      tell(`“${nameOf(job)}” is queued again`)
      readQueue()
      onMade?.(made)
    },
    onError: tellError,
  })
