import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Filter, SearchBox } from '../../ui/search-box.tsx'
import { Segments } from '../../ui/segments.tsx'
import { isFiltered } from './queue-search.ts'
import type { MemberView } from '@easel/client'
import type { QueueSearch } from './queue-search.ts'

export type Go = (change: Partial<Record<keyof QueueSearch, string | undefined>>) => void

const dayOf = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
const sinceChoices = [
  { since: dayOf(0), name: 'Today' },
  { since: dayOf(7), name: 'Last week' },
  { since: dayOf(30), name: 'Last month' },
]

export function QueueFilters({
  search,
  go,
  members,
  me,
}: {
  search: QueueSearch
  go: Go
  members: readonly MemberView[]
  me: string
}) {
  const { data: sessions } = useQuery({
    queryKey: ['sessions'],
    queryFn: () => easel.sessions.list({ limit: 100 }),
  })
  const others = members.filter(({ userId }) => userId !== me)
  const known = [undefined, 'mine', ...others.map(({ userId }) => userId)]
  return (
    <div className="flex flex-wrap items-center gap-2" role="search">
      <Segments
        label="Which jobs"
        value={search.show ?? 'all'}
        choices={[
          { value: 'all', name: 'All' },
          { value: 'open', name: 'Open' },
          { value: 'done', name: 'Done' },
          { value: 'failed', name: 'Failed' },
        ]}
        onChoose={(show) => go({ show: show === 'all' ? undefined : show })}
      />
      <SearchBox
        label="Search the queue"
        placeholder="Name or model …"
        value={search.q ?? ''}
        onChange={(q) => go({ q: q === '' ? undefined : q })}
      />
      {(others.length > 0 || search.whose !== undefined) && (
        <Filter label="Whose jobs" value={search.whose ?? ''} onChoose={(whose) => go({ whose })}>
          <option value="">Everybody’s</option>
          <option value="mine">Mine</option>
          {others.map(({ userId, name }) => (
            <option key={userId} value={userId}>
              {name}
            </option>
          ))}
          {!known.includes(search.whose) && <option value={search.whose}>Somebody who left</option>}
        </Filter>
      )}
      {(sessions?.items.length ?? 0) > 0 && (
        <Filter label="Session" value={search.session ?? ''} onChoose={(session) => go({ session })}>
          <option value="">All sessions</option>
          {sessions?.items.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </Filter>
      )}
      <Filter label="Submitted" value={search.since ?? ''} onChoose={(since) => go({ since })}>
        <option value="">Any time</option>
        {sinceChoices.map(({ since, name }) => (
          <option key={since} value={since}>
            {name}
          </option>
        ))}
        {search.since !== undefined && !sinceChoices.some(({ since }) => since === search.since) && (
          <option value={search.since}>Since {search.since}</option>
        )}
      </Filter>
      {isFiltered(search) && (
        <Button
          small
          look="quiet"
          icon={<X size={15} aria-hidden />}
          onClick={() => go({ q: undefined, whose: undefined, session: undefined, since: undefined })}
        >
          Clear
        </Button>
      )}
    </div>
  )
}
