import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ArrowDownToLine } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { useRights } from '../../api/rights.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Segments } from '../../ui/segments.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { AddDownload } from './add-download.tsx'
import { DownloadRow } from './download-row.tsx'
import { clearedAt, clearFinished, ManyDownloads } from './many-downloads.tsx'
import { SourceTokens } from './source-tokens.tsx'
import { DownloadTotals } from './download-totals.tsx'
import { TransferSettings } from './transfer-settings.tsx'
import type { DownloadView } from '@easel/client'
import type { DownloadsSearch, Show } from './downloads-search.ts'

const statuses: Record<Show, DownloadView['status'][]> = {
  open: ['queued', 'running', 'verifying', 'paused'],
  done: ['completed'],
  failed: ['failed', 'canceled'],
}

export function DownloadsPage() {
  const search = useSearch({ from: '/studio/downloads' })
  const navigate = useNavigate({ from: '/downloads' })
  const rights = useRights()
  return (
    <Page
      title="Downloads"
      actions={
        <Segments
          label="Which downloads"
          value={search.show ?? 'all'}
          choices={[
            { value: 'all', name: 'All' },
            { value: 'open', name: 'Open' },
            { value: 'done', name: 'Done' },
            { value: 'failed', name: 'Failed' },
          ]}
          onChoose={(chosen) =>
            void navigate({
              search: ({ q }) => ({ ...(q && { q }), ...(chosen !== 'all' && { show: chosen }) }),
            })
          }
        />
      }
    >
      {rights.fetch && <AddDownload />}
      <DownloadTotals />
      <List
        search={search}
        onSearch={(q) =>
          void navigate({
            search: ({ q: _before, ...others }) => ({ ...others, ...(q !== '' && { q }) }),
            replace: true,
          })
        }
      />
      {rights.admin && <TransferSettings />}
      {rights.admin && <SourceTokens />}
    </Page>
  )
}

function List({ search, onSearch }: { search: DownloadsSearch; onSearch: (q: string) => void }) {
  const { show, q } = search
  const rights = useRights()
  const [cleared, setCleared] = useState(clearedAt)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['downloads', 'list', show, q],
      queryFn: ({ pageParam }) =>
        easel.downloads.list({
          limit: 50,
          ...(show && { status: statuses[show] }),
          ...(q !== undefined && { q }),
          ...(pageParam !== undefined && { cursor: pageParam }),
        }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    })
  const all = data?.pages.flatMap(({ items }) => items) ?? []
  const hides = show === undefined && q === undefined
  const downloads = hides ? all.filter((download) => !isCleared(download, cleared)) : all
  const choose = (id: string, isChosen: boolean) => {
    const next = new Set(chosen)
    if (isChosen) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  return (
    <>
      {(all.length > 0 || q !== undefined) && (
        <div className="flex flex-wrap items-center gap-2" role="search">
          <SearchBox
            label="Search downloads"
            placeholder="Name, file or address …"
            value={q ?? ''}
            onChange={onSearch}
          />
          {hides && downloads.some(isFinished) && (
            <Button small onClick={() => setCleared(clearFinished())}>
              Clear finished
            </Button>
          )}
        </div>
      )}
      {isPending && <Loading rows={4} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && downloads.length === 0 && <Nothing search={search} cleared={all.length > 0} />}
      {downloads.length > 0 && (
        <Panel>
          {rights.fetch && <ManyDownloads shown={downloads} chosen={chosen} setChosen={setChosen} />}
          <ul className="divide-y" aria-label="Downloads">
            {downloads.map((download) => (
              <DownloadRow
                key={download.id}
                download={download}
                chosen={chosen.has(download.id)}
                {...(rights.fetch && { onChoose: (isChosen: boolean) => choose(download.id, isChosen) })}
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
    </>
  )
}

const isFinished = ({ status }: DownloadView) => status === 'completed' || status === 'canceled'

const isCleared = (download: DownloadView, cleared: string | undefined) =>
  cleared !== undefined && isFinished(download) && (download.finishedAt ?? download.createdAt) <= cleared

function Nothing({ search: { show, q }, cleared }: { search: DownloadsSearch; cleared: boolean }) {
  const title =
    q !== undefined
      ? `No download fits “${q.slice(0, 60)}”`
      : cleared
        ? 'What was finished is cleared away'
        : {
            open: 'Nothing is being fetched',
            done: 'Nothing is done yet',
            failed: 'None has failed',
            all: 'Nothing has been fetched yet',
          }[show ?? 'all']
  return (
    <Empty
      title={title}
      icon={<ArrowDownToLine size={28} strokeWidth={1.5} />}
      action={<ButtonLink to="/models">Search models</ButtonLink>}
    >
      {cleared
        ? 'It is still listed under Done.'
        : 'What is installed from Models, and what jobs lack, is fetched once for everybody.'}
    </Empty>
  )
}
