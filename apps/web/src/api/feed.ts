import { caughtUp, isDownloaded, isEnded } from '@easel/client'
import { countOpen, openDownloads, openJobs } from './count-open.ts'
import { newerJob } from './newer-job.ts'
import { Rereads } from './rereads.ts'
import type { DownloadView, EaselEvent, JobProgress, JobView, ScanView } from '@easel/client'
import type { Query, QueryClient } from '@tanstack/react-query'
import type { LiveStream } from './live-stream.ts'

type Parts = { client: QueryClient; readAgain: (key: string) => void }
type Progress = JobProgress & { jobId: string; phase?: JobView['phase'] }

/**
 * Keeps what the page has read in step with what happens: the events carry whole objects, lists are read again. Of one
 * job or download there is one truth, under `['job', id]` or `['download', id]`; lists that are read bring it up to
 * date, whether or not an event was heard.
 */
export function feedQueries(client: QueryClient, stream: Pick<LiveStream, 'listen'>): () => void {
  const rereads = new Rereads(client)
  const parts: Parts = { client, readAgain: (key) => rereads.add(key) }
  const stopFollowing = client.getQueryCache().subscribe(({ type, query, ...event }) => {
    if (type === 'updated' && 'action' in event && event.action.type === 'success') follow(client, query)
  })
  const stopListening = stream.listen({
    events: (events) => {
      for (const event of events) apply(parts, event)
    },
    begin: () => readOlder(client),
    gap: () => void client.invalidateQueries(),
  })
  return () => {
    stopListening()
    stopFollowing()
    rereads[Symbol.dispose]()
  }
}

function apply({ client, readAgain }: Parts, event: EaselEvent): void {
  const [subject] = event.type.split('.')
  if (event.type === 'job.progress') applyProgress(client, event.data as Progress)
  else if (event.type === 'download.progress') applyTransfer(client, event.data as DownloadView)
  else if (event.type === 'library.scan') {
    client.setQueryData(['library-scan'], event.data)
    if ((event.data as ScanView).state === 'idle') readAgain('library')
  } else if (event.type === caughtUp) {
    // What is lossy was not told again; the server that was away may have been another one.
    for (const key of ['system', 'downloads', 'open-work', 'usage', 'library']) readAgain(key)
    readFailedAgain(client)
  } else if (subject === 'job') {
    const job = event.data as JobView
    client.setQueryData<JobView>(['job', job.id], (known) => known && newerJob(known, job))
    const isOpen = job.status === 'running' || job.status === 'canceling'
    if (!countOpen(client, openJobs, { id: job.id, isOpen })) readAgain('open-work')
    readAgain('jobs')
    readAgain('usage')
  } else if (subject === 'download') {
    const download = event.data as DownloadView
    client.setQueryData(['download', download.id], download)
    const isOpen = download.status === 'running' || download.status === 'verifying'
    if (!countOpen(client, openDownloads, { id: download.id, isOpen })) readAgain('open-work')
    readAgain('downloads')
  } else {
    for (const key of madeOld[subject!] ?? []) readAgain(key)
  }
}

/** By the first word of an event: what else it makes old. */
const madeOld: Readonly<Record<string, readonly string[]>> = {
  asset: ['assets', 'asset-stats'],
  collection: ['collections'],
  library: ['library', 'models', 'collections'],
  model: ['models'],
  hub: ['hub'],
  worker: ['system'],
}

function applyProgress(client: QueryClient, { jobId, phase, ...progress }: Progress): void {
  client.setQueryData<JobView>(['job', jobId], (job) => {
    // It may come after the end.
    if (!job || isEnded(job)) return job
    return { ...job, progress, ...(phase && { phase }) }
  })
}

function applyTransfer(client: QueryClient, now: DownloadView): void {
  client.setQueryData<DownloadView>(['download', now.id], (known) =>
    // What is live may come late, and leaves out the files of large downloads.
    known && isDownloaded(known) ? known : { ...now, files: now.files ?? known?.files ?? null },
  )
  // That it runs is no fact of its own.
  if (!isDownloaded(now)) countOpen(client, openDownloads, { id: now.id, isOpen: true })
}

/** A list that was read knows its jobs and downloads as well as any event. */
function follow(client: QueryClient, { queryKey: [area], state }: Query): void {
  if (area !== 'jobs' && area !== 'downloads') return
  for (const item of itemsOf(state.data)) {
    if (area === 'jobs')
      client.setQueryData<JobView>(['job', item.id], (known) => known && newerJob(known, item as JobView))
    else
      client.setQueryData<DownloadView>(['download', item.id], (known) =>
        known?.status === item.status ? known : known && (item as DownloadView),
      )
  }
}

type Listed = JobView | DownloadView
type Page = { items?: unknown }

function itemsOf(data: unknown): Listed[] {
  if (typeof data !== 'object' || data === null) return []
  const pages = 'pages' in data && Array.isArray(data.pages) ? (data.pages as Page[]) : [data as Page]
  return pages.flatMap(({ items }) => (Array.isArray(items) ? (items as Listed[]) : []))
}

/** What was answered before the stream began may be older than what it tells. */
function readOlder(client: QueryClient): void {
  void client.invalidateQueries({
    predicate: ({ queryKey: [area], state }) =>
      area !== 'me' &&
      area !== 'spaces' &&
      area !== 'session' &&
      state.status === 'success' &&
      state.fetchStatus === 'idle',
  })
}

function readFailedAgain(client: QueryClient): void {
  void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
}
