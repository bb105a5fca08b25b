import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useCallback } from 'react'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { useSpace } from '../../api/space.ts'
import { useMedia } from '../../lib/media.ts'
import { Button } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { CancelMany } from './cancel-many.tsx'
import { JobDetail } from './job-detail.tsx'
import { JobLists } from './job-lists.tsx'
import { rowId } from './job-row.tsx'
import { QueueFilters } from './queue-filters.tsx'
import { toFilter } from './queue-search.ts'
import { UsagePanel } from './usage-panel.tsx'
import type { KeyboardEvent, ReactNode } from 'react'
import type { QueueSearch } from './queue-search.ts'

export function QueuePage() {
  const search = useSearch({ from: '/studio/queue' })
  const navigate = useNavigate({ from: '/queue' })
  const { data: me } = useSuspenseQuery(meQuery)
  const space = useSpace()
  const { data: team } = useQuery({
    queryKey: ['members', space.id],
    queryFn: () => easel.spaces.members(space.id),
    staleTime: 60_000,
  })
  const members = team?.items ?? []
  const isWide = useMedia('(min-width: 1200px)')
  const go = useCallback(
    (change: Partial<Record<keyof QueueSearch, string | undefined>>, replace = true) =>
      void navigate({ search: (before) => ({ ...before, ...change }) as QueueSearch, replace }),
    [navigate],
  )
  const show = useCallback((id: string | undefined) => go({ job: id }, false), [go])
  const close = () => {
    const row =
      search.job === undefined
        ? null
        : document.querySelector<HTMLElement>(`#${CSS.escape(rowId(search.job))}`)
    show(undefined)
    row?.focus()
  }
  const nameOf = (userId: string) =>
    members.length > 1 ? members.find((member) => member.userId === userId)?.name : undefined
  const detail = search.job !== undefined && (
    <JobDetail key={search.job} id={search.job} canWrite={space.canWrite} nameOf={nameOf} onShow={show} />
  )
  const usage = <UsagePanel space={space} members={members} />
  return (
    <Page
      title="Queue"
      wide
      actions={space.canWrite && <CancelMany spaceId={space.id} me={me.id} isShared={members.length > 1} />}
    >
      <QueueFilters search={search} go={go} members={members} me={me.id} />
      <div className="grid grid-cols-1 items-start gap-4 min-[1200px]:grid-cols-[minmax(0,1fr)_24rem]">
        <JobLists
          search={search}
          filter={toFilter(search, space.id, me.id)}
          canWrite={space.canWrite}
          nameOf={nameOf}
          onShow={show}
          onClear={() => void navigate({ search: {} })}
        />
        {isWide && (
          <aside className="sticky top-4 max-h-[calc(100dvh-3rem)] overflow-y-auto rounded-panel">
            {detail ? <Beside onClose={close}>{detail}</Beside> : usage}
          </aside>
        )}
        {!isWide && usage}
      </div>
      {!isWide && detail && (
        <Sheet name="Job" onClose={close}>
          {detail}
        </Sheet>
      )}
    </Page>
  )
}

function Beside({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented) onClose()
  }
  return (
    <section aria-label="Job" className="relative rounded-panel border bg-panel" onKeyDown={onKey}>
      <Button
        small
        look="quiet"
        className="absolute top-2.5 right-2.5"
        icon={<X size={17} aria-hidden />}
        aria-label="Close"
        onClick={onClose}
      />
      {children}
    </section>
  )
}
