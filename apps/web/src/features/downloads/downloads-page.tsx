import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ArrowDownToLine } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { Segments } from '../../ui/segments.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { AddDownload } from './add-download.tsx'
import { DownloadRow } from './download-row.tsx'
import { TransferSettings } from './transfer-settings.tsx'
import type { DownloadView } from '@easel/client'

type Show = 'all' | 'open' | 'done' | 'failed'

const statuses: Record<Show, DownloadView['status'][] | undefined> = {
  all: undefined,
  open: ['queued', 'running', 'verifying', 'paused'],
  done: ['completed'],
  failed: ['failed', 'canceled'],
}

export function DownloadsPage() {
  const { show = 'all' } = useSearch({ from: '/studio/downloads' })
  const navigate = useNavigate({ from: '/downloads' })
  const { data: me } = useSuspenseQuery(meQuery)
  const status = statuses[show]
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['downloads', 'list', show],
      queryFn: ({ pageParam }) =>
        easel.downloads.list({
          limit: 50,
          ...(status && { status }),
          ...(pageParam !== undefined && { cursor: pageParam }),
        }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    })
  const downloads = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Page
      title="Downloads"
      actions={
        <Segments
          label="Which downloads"
          value={show}
          choices={[
            { value: 'all', name: 'All' },
            { value: 'open', name: 'Open' },
            { value: 'done', name: 'Done' },
            { value: 'failed', name: 'Failed' },
          ]}
          onChoose={(chosen) => void navigate({ search: chosen === 'all' ? {} : { show: chosen } })}
        />
      }
    >
      {me.role !== 'viewer' && <AddDownload />}
      {isPending && <Loading rows={4} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && downloads.length === 0 && (
        <Empty
          title={show === 'all' ? 'Nothing has been fetched yet' : 'None of these'}
          icon={<ArrowDownToLine size={28} strokeWidth={1.5} />}
          action={<ButtonLink to="/models">Search models</ButtonLink>}
        >
          What is installed from Models, and what jobs lack, is fetched once for everybody.
        </Empty>
      )}
      {downloads.length > 0 && (
        <Panel>
          <ul className="divide-y">
            {downloads.map((download) => (
              <DownloadRow key={download.id} download={download} />
            ))}
          </ul>
        </Panel>
      )}
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading …' : 'Older ones'}
        </Button>
      )}
      {me.role === 'admin' && <TransferSettings />}
    </Page>
  )
}
