import { ListVideo } from 'lucide-react'
import { useCallback } from 'react'
import { useNow } from '../../lib/now.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { JobList } from './job-list.tsx'
import { inTurn } from './job-pages.ts'
import { useEndedJobs, useOpenJobs, useQueueFeed } from './jobs.ts'
import { endedShown, isFiltered, showsOpen } from './queue-search.ts'
import type { JobFilter, QueueSearch } from './queue-search.ts'

type ListsProps = {
  search: QueueSearch
  filter: JobFilter
  canWrite: boolean
  nameOf: (userId: string) => string | undefined
  onShow: (id: string | undefined) => void
  onClear: () => void
}

/** What runs and waits above what has ended. */
export function JobLists({ search, filter, canWrite, nameOf, onShow, onClear }: ListsProps) {
  const now = useNow(5_000)
  const onToggle = useCallback(
    (id: string) => onShow(search.job === id ? undefined : id),
    [onShow, search.job],
  )
  const ended = endedShown(search)
  const wantsOpen = showsOpen(search)
  const opened = useOpenJobs(filter, wantsOpen)
  const done = useEndedJobs(filter, ended)
  useQueueFeed(filter, ended)
  const openJobs = inTurn(jobsOf(opened))
  const endedJobs = jobsOf(done)
  const failed = [wantsOpen && opened, ended && done].find((query) => query && query.error && !query.data)
  if (failed) return <Failure error={failed.error} retry={() => void failed.refetch()} />
  if ((wantsOpen && !opened.data) || (ended && !done.data)) return <Loading rows={6} />
  if (openJobs.length + endedJobs.length === 0) return <Nothing search={search} onClear={onClear} />
  const row = {
    open: search.job,
    onToggle,
    nameOf,
    canWrite,
  }
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {openJobs.length > 0 && (
        <JobList
          {...row}
          title="Running and waiting"
          jobs={openJobs}
          readAt={opened.dataUpdatedAt}
          now={now}
          more={moreOf(opened, 'More that wait')}
        />
      )}
      {endedJobs.length > 0 && (
        <JobList {...row} title="Ended" jobs={endedJobs} more={moreOf(done, 'Older ones')} />
      )}
    </div>
  )
}

type Query = ReturnType<typeof useOpenJobs>

const jobsOf = ({ data }: Query) => data?.pages.flatMap(({ items }) => items) ?? []

function moreOf({ hasNextPage, isFetchingNextPage, fetchNextPage }: Query, name: string) {
  return hasNextPage ? { name, isLoading: isFetchingNextPage, load: () => void fetchNextPage() } : undefined
}

const empties: Record<NonNullable<QueueSearch['show']> | 'all', string> = {
  all: 'Nothing has been run here yet',
  open: 'Nothing runs and nothing waits',
  done: 'Nothing has been finished yet',
  failed: 'Nothing has failed',
}

function Nothing({ search, onClear }: { search: QueueSearch; onClear: () => void }) {
  if (isFiltered(search)) {
    return (
      <Empty title="No job fits these filters" action={<Button onClick={onClear}>Clear the filters</Button>}>
        All jobs of this space are searched; by words the latest 100,000.
      </Empty>
    )
  }
  return (
    <Empty
      title={empties[search.show ?? 'all']}
      icon={<ListVideo size={28} strokeWidth={1.5} />}
      action={search.show === undefined && <ButtonLink to="/create">Run a workflow</ButtonLink>}
    >
      Jobs come from Create, the command line (<code>easel run</code>) and every program with a key.
    </Empty>
  )
}
