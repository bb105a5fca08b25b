import { isEnded } from '@easel/client'
import type { JobPage, JobView } from '@easel/client'
import type { InfiniteData } from '@tanstack/react-query'

export type JobPages = InfiniteData<JobPage, string | undefined>

const has = (pages: JobPages, id: string) =>
  pages.pages.some(({ items }) => items.some((job) => job.id === id))

/** Each job as `to` says; without what it gives nothing for. */
export function mapJobs(
  pages: JobPages | undefined,
  to: (job: JobView) => JobView | undefined,
): JobPages | undefined {
  if (!pages) return pages
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.flatMap((job) => to(job) ?? []) })),
  }
}

/** The open jobs after hearing of one. A new one is not put in: only the server knows its place. */
export function withOpen(pages: JobPages | undefined, heard: JobView): JobPages | undefined {
  return mapJobs(pages, (job) => {
    if (job.id !== heard.id) return job
    // An event knows no place in the queue.
    return isEnded(heard) ? undefined : { ...heard, position: job.position, etaSeconds: job.etaSeconds }
  })
}

/** The ended jobs, the newest submitted first, with one more in its place. What lies further back than was read is not. */
export function withEnded(pages: JobPages | undefined, heard: JobView): JobPages | undefined {
  if (!pages) return pages
  if (has(pages, heard.id)) return mapJobs(pages, (job) => (job.id === heard.id ? heard : job))
  const at = pages.pages.findIndex(
    ({ items, nextCursor }) => !nextCursor || items.some(({ createdAt }) => createdAt <= heard.createdAt),
  )
  if (at === -1) return pages
  const placed = pages.pages.map((page, index) => (index === at ? insert(page, heard) : page))
  return { ...pages, pages: placed }
}

function insert(page: JobPage, job: JobView): JobPage {
  const before = page.items.findIndex(({ createdAt }) => createdAt <= job.createdAt)
  const place = before === -1 ? page.items.length : before
  return { ...page, items: [...page.items.slice(0, place), job, ...page.items.slice(place)] }
}

/** What runs first, then by place in the queue, then by when it came. */
export function inTurn(jobs: readonly JobView[]): JobView[] {
  const rank = ({ status, position }: JobView) =>
    status === 'running' || status === 'canceling' ? 0 : (position ?? Number.MAX_SAFE_INTEGER)
  return [...jobs].sort((a, b) => rank(a) - rank(b) || a.createdAt.localeCompare(b.createdAt))
}
