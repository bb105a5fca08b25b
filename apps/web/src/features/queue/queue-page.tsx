import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ListVideo } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { Segments } from '../../ui/segments.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { JobRow } from './job-row.tsx'
import type { JobView } from '@easel/client'
import type { QueueSearch } from './queue-search.ts'

type Show = 'all' | NonNullable<QueueSearch['show']>

const statuses: Record<Show, JobView['status'][] | undefined> = {
  all: undefined,
  open: ['queued', 'running', 'canceling'],
  done: ['succeeded'],
  failed: ['failed', 'canceled', 'expired'],
}

const empties: Record<Show, string> = {
  all: 'Nothing has been run here yet',
  open: 'Nothing runs and nothing waits',
  done: 'Nothing has been finished yet',
  failed: 'Nothing has failed',
}

export function QueuePage() {
  const search = useSearch({ from: '/studio/queue' })
  const navigate = useNavigate({ from: '/queue' })
  const { data: me } = useSuspenseQuery(meQuery)
  const show = search.show ?? 'all'
  const status = statuses[show]
  const mine = search.whose === 'mine'
  const { data, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['jobs', { show, mine }],
      queryFn: ({ pageParam }) =>
        easel.jobs.list({
          limit: 50,
          ...(status && { status }),
          ...(mine && { createdBy: me.id }),
          ...(pageParam !== undefined && { cursor: pageParam }),
        }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    })
  const jobs = data?.pages.flatMap(({ items }) => items) ?? []
  const go = (change: QueueSearch) => void navigate({ search: { ...search, ...change }, replace: true })
  return (
    <Page
      title="Queue"
      actions={
        <>
          <Segments
            label="Which jobs"
            value={show}
            choices={[
              { value: 'all', name: 'All' },
              { value: 'open', name: 'Open' },
              { value: 'done', name: 'Done' },
              { value: 'failed', name: 'Failed' },
            ]}
            onChoose={(value) => go({ show: value === 'all' ? undefined : value } as QueueSearch)}
          />
          <Segments
            label="Whose jobs"
            value={mine ? 'mine' : 'all'}
            choices={[
              { value: 'all', name: 'Everybody’s' },
              { value: 'mine', name: 'Mine' },
            ]}
            onChoose={(value) => go({ whose: value === 'mine' ? 'mine' : undefined } as QueueSearch)}
          />
        </>
      }
    >
      {isPending && <Loading rows={6} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && jobs.length === 0 && (
        <Empty title={empties[show]} icon={<ListVideo size={28} strokeWidth={1.5} />}>
          Jobs come from this page, the command line (<code>easel run</code>) and every program with a key.
        </Empty>
      )}
      {jobs.length > 0 && (
        <Panel>
          <ul className="divide-y">
            {jobs.map((job) => (
              <JobRow
                key={job.id}
                job={job}
                isOpen={search.job === job.id}
                toggle={() => go({ job: search.job === job.id ? undefined : job.id } as QueueSearch)}
              />
            ))}
          </ul>
        </Panel>
      )}
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading …' : 'Older ones'}
        </Button>
      )}
    </Page>
  )
}
