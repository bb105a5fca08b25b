import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ScrollText, X } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { spacesQuery } from '../../api/queries.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { Filter } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { actionWords, detailsOf, targetOf } from './audit-words.ts'
import type { AuditView } from '@easel/client'

export function AuditPart() {
  const { action, user } = useSearch({ from: '/studio/settings' })
  const navigate = useNavigate({ from: '/settings' })
  const { data: users } = useQuery({
    queryKey: ['users', 'names'],
    queryFn: () => easel.users.list({ limit: 200 }),
  })
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['audit', action, user],
    queryFn: ({ pageParam }) =>
      easel.users.audit({
        limit: 50,
        ...(action !== undefined && { action }),
        ...(user !== undefined && { userId: user }),
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    // No event tells of it.
    staleTime: 0,
  })
  const go = (change: { action?: string | undefined; user?: string | undefined }) => {
    const now = { action, user, ...change }
    void navigate({
      search: {
        part: 'audit',
        ...(now.action !== undefined && { action: now.action }),
        ...(now.user !== undefined && { user: now.user }),
      },
      replace: true,
    })
  }
  const { data: spaces } = useQuery(spacesQuery)
  const people = new Map(users?.items.map(({ id, name }) => [id, name]))
  const names = new Map([...(spaces?.items ?? []).map(({ id, name }) => [id, name] as const), ...people])
  const entries = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <div className="flex flex-wrap items-center gap-2" role="search">
        <Filter label="What was done" value={action ?? ''} onChoose={(chosen) => go({ action: chosen })}>
          <option value="">Everything</option>
          {Object.entries(actionWords).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
          {action !== undefined && !Object.hasOwn(actionWords, action) && (
            <option value={action}>{action}</option>
          )}
        </Filter>
        <Filter label="By whom" value={user ?? ''} onChoose={(chosen) => go({ user: chosen })}>
          <option value="">By everybody</option>
          {users?.items.map(({ id, name, email }) => (
            <option key={id} value={id}>
              {name} ({email})
            </option>
          ))}
          {user !== undefined && !people.has(user) && <option value={user}>{user}</option>}
        </Filter>
        {(action !== undefined || user !== undefined) && (
          <Button
            small
            look="quiet"
            icon={<X size={15} aria-hidden />}
            onClick={() => go({ action: undefined, user: undefined })}
          >
            Clear
          </Button>
        )}
        <Button small look="quiet" className="ml-auto" onClick={() => void refetch()}>
          Read again
        </Button>
      </div>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={6} />}
      {data && entries.length === 0 && (
        <Empty title="Nothing of that kind was done" icon={<ScrollText size={28} strokeWidth={1.5} />} />
      )}
      {entries.length > 0 && (
        <Panel>
          <ul className="divide-y" aria-label="Audit log">
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} names={names} />
            ))}
          </ul>
        </Panel>
      )}
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older ones
        </Button>
      )}
    </>
  )
}

function Entry({ entry, names }: { entry: AuditView; names: ReadonlyMap<string, string> }) {
  const { at, userId, action, target, address, details } = entry
  const who = isGiven(userId) ? (names.get(userId) ?? 'Somebody who is gone') : 'Nobody known'
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-2">
      <span className="min-w-0 flex-1 basis-64">
        <span className="font-medium" dir="auto">
          {who}
        </span>{' '}
        <span className="text-ink-2">{actionWords[action] ?? action}</span>{' '}
        <span className="text-sm text-ink-3" dir="auto">
          {[targetOf(target, names), detailsOf(details, names)].filter(Boolean).join(' · ')}
        </span>
      </span>
      <span className="text-sm text-ink-3">{address}</span>
      <time className="text-sm text-ink-3" dateTime={at} title={exactTime(at)}>
        {ago(at)}
      </time>
    </li>
  )
}
