import type { GetJobsQuery, JobView } from '@easel/client'

/** What the address of the queue holds. */
export type QueueSearch = {
  show?: 'open' | 'done' | 'failed'
  /** `mine`, or the id of a member. */
  whose?: string
  session?: string
  q?: string
  /** A day. */
  since?: string
  /** The one that is opened. */
  job?: string
}

const text = (value: unknown, length = 200): string | undefined => {
  const written = typeof value === 'number' ? String(value) : value
  return typeof written === 'string' && written !== '' ? written.slice(0, length) : undefined
}

export function readQueueSearch(search: Record<string, unknown>): QueueSearch {
  const { show } = search
  const since = text(search['since'], 10)
  return {
    ...((show === 'open' || show === 'done' || show === 'failed') && { show }),
    ...defined('whose', text(search['whose'], 40)),
    ...defined('session', text(search['session'], 40)),
    ...defined('q', text(search['q'])),
    ...(since !== undefined && /^\d{4}-\d\d-\d\d$/.test(since) && { since }),
    ...defined('job', text(search['job'], 40)),
  }
}

const defined = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }

export const openStatuses: JobView['status'][] = ['running', 'canceling', 'queued']

const endedStatuses: Record<'all' | 'done' | 'failed', JobView['status'][]> = {
  all: ['succeeded', 'failed', 'canceled', 'expired'],
  done: ['succeeded'],
  failed: ['failed', 'canceled', 'expired'],
}

export type JobFilter = Omit<GetJobsQuery, 'status' | 'limit' | 'cursor' | 'sort'>

/** Of one space; `me` stands for `mine`. */
export function toFilter({ whose, session, q, since }: QueueSearch, spaceId: string, me: string): JobFilter {
  return {
    spaceId,
    ...(whose !== undefined && { createdBy: whose === 'mine' ? me : whose }),
    ...(session !== undefined && { sessionId: session }),
    ...(q !== undefined && { q }),
    ...(since !== undefined && { since }),
  }
}

/** Undefined where the search shows none that have ended. */
export function endedShown({ show }: QueueSearch): JobView['status'][] | undefined {
  return show === 'open' ? undefined : endedStatuses[show ?? 'all']
}

export const showsOpen = ({ show }: QueueSearch): boolean => show === undefined || show === 'open'

export function isFiltered({ whose, session, q, since }: QueueSearch): boolean {
  return [whose, session, q, since].some((value) => value !== undefined)
}

/** As the server would say, for a job that was just heard of. */
export function fits(job: JobView, { spaceId, createdBy, sessionId, q, since }: JobFilter): boolean {
  const words = q?.toLowerCase()
  const named = [job.name ?? '', ...(job.models ?? [])].map((name) => name.toLowerCase())
  return (
    job.spaceId === spaceId &&
    (createdBy === undefined || job.createdBy === createdBy) &&
    (sessionId === undefined || job.sessionId === sessionId) &&
    (since === undefined || job.createdAt >= since) &&
    (words === undefined || named.some((name) => name.includes(words)))
  )
}
