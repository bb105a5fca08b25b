import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { feedQueries } from './feed.ts'
import type { EaselEvent, JobView } from '@easel/client'
import type { Listener } from './live-stream.ts'

let client: QueryClient
let listener: Listener
let stop: () => void

beforeEach(() => {
  client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
  stop = feedQueries(client, { listen: (given) => ((listener = given), () => undefined) })
})

afterEach(() => {
  stop()
  client.clear()
  vi.useRealTimers()
})

test('a job that was read follows its events, and none of them brings it back from its end', () => {
  keep(aJob({ status: 'queued' }))

  tell({ type: 'job.running', data: aJob({ status: 'running' }) })
  tell({ type: 'job.progress', data: { jobId: 'a', value: 0.5, step: 2, steps: 4, phase: 'generating' } })
  expect(kept()).toMatchObject({ status: 'running', phase: 'generating', progress: { step: 2 } })

  tell({ type: 'job.succeeded', data: aJob({ status: 'succeeded' }) })
  tell({ type: 'job.progress', data: { jobId: 'a', value: 0.9 } })
  tell({ type: 'job.running', data: aJob({ status: 'running' }) })
  expect(kept().status).toBe('succeeded')
})

test('a list that is read brings its jobs up to date, as after a time without events', async () => {
  keep(aJob({ status: 'running' }))

  await client.fetchQuery({
    queryKey: ['jobs', 'session', 's'],
    queryFn: async () => ({ items: [aJob({ status: 'failed' })] }),
  })

  expect(kept().status).toBe('failed')
})

test('pages of a list do so too, and an older answer changes nothing', async () => {
  keep(aJob({ status: 'succeeded' }))

  await client.fetchInfiniteQuery({
    queryKey: ['jobs', { show: 'all' }],
    queryFn: async () => ({ items: [aJob({ status: 'running' })] }),
    initialPageParam: undefined,
  })

  expect(kept().status).toBe('succeeded')
})

test('a job that has lost its worker waits again', () => {
  keep(aJob({ status: 'running', attempts: [anAttempt] }))

  tell({ type: 'job.queued', data: aJob({ status: 'queued', attempts: [anAttempt] }) })

  expect(kept().status).toBe('queued')
})

test('what runs is counted by the events, once each', () => {
  client.setQueryData(['open-work', 'jobs'], { ids: ['b'], isAll: true })

  tell({ type: 'job.running', data: aJob({ status: 'running' }) })
  tell({ type: 'job.running', data: aJob({ status: 'running' }) })
  expect(client.getQueryData(['open-work', 'jobs'])).toEqual({ ids: ['b', 'a'], isAll: true })

  tell({ type: 'job.failed', data: aJob({ status: 'failed' }) })
  expect(client.getQueryData(['open-work', 'jobs'])).toEqual({ ids: ['b'], isAll: true })
})

test('under a steady stream of events a list is read again now and then, and each reading comes to its end', async () => {
  vi.useFakeTimers()
  let [begun, ended] = [0, 0]
  const queryFn = async () => {
    begun++
    // Longer than the pause between two readings.
    await delay(600)
    return ++ended
  }
  const unsubscribe = new QueryObserver(client, { queryKey: ['jobs', 'many'], queryFn }).subscribe(
    () => undefined,
  )
  for (let at = 0; at < 1_000; at++) {
    tell({ type: 'job.queued', data: aJob({ id: String(at) }) })
    await vi.advanceTimersByTimeAsync(10)
  }
  await vi.advanceTimersByTimeAsync(5_000)
  unsubscribe()

  expect(begun).toBe(ended)
  expect(begun).toBeGreaterThan(8)
  expect(begun).toBeLessThan(15)
})

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test.each([
  ['asset.updated', 'assets'],
  ['asset.created', 'asset-stats'],
  ['download.completed', 'downloads'],
  ['library.file-added', 'library'],
  ['hub.content-bad', 'hub'],
  ['worker.changed', 'system'],
  ['job.succeeded', 'usage'],
  ['stream.caught-up', 'system'],
])('%s makes %s old', async (type, key) => {
  client.setQueryData([key, 'something'], {})

  tell({ type, data: { id: 'a', status: 'completed' } })

  await until(() => client.getQueryState([key, 'something'])?.isInvalidated === true)
  expect(client.getQueryState([key, 'something'])?.fetchStatus).toBe('idle')
})

test('a gap makes everything old', () => {
  client.setQueryData(['gallery', 'something'], {})

  listener.gap!()

  expect(client.getQueryState(['gallery', 'something'])?.isInvalidated).toBe(true)
})

const anAttempt = { number: 1, state: 'running', worker: 'w', boundAt: '2026-01-01T00:00:00Z' } as const

function aJob(change: Partial<JobView> = {}): JobView {
  return {
    id: 'a',
    kind: 'workflow',
    status: 'queued',
    priority: 'normal',
    pool: 'default',
    outputs: [],
    timings: {},
    attempts: [],
    warnings: [],
    usage: {} as JobView['usage'],
    spaceId: 's',
    createdBy: 'u',
    createdAt: '2026-01-01T00:00:00Z',
    ...change,
  }
}

const keep = (job: JobView) => client.setQueryData(['job', job.id], job)
const kept = () => client.getQueryData<JobView>(['job', 'a'])!

function tell(event: { type: string; data: unknown }): void {
  const time = '2026-01-01T00:00:00Z'
  listener.events!([{ time, spaceId: 's', ...event } as EaselEvent])
}

/** Resolves when it holds. */
const until = (holds: () => boolean) =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 10_000, interval: 5 })
