import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronRight, Plus, Users } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { NewUser } from './new-user.tsx'
import { UserDetail } from './user-detail.tsx'
import { roleNames } from './role-names.ts'
import type { UserView } from '@easel/client'

export function UsersPart() {
  const { id, q = '' } = useSearch({ from: '/studio/settings' })
  const navigate = useNavigate({ from: '/settings' })
  const [isMaking, setMaking] = useState(false)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['users', 'list', q],
    queryFn: ({ pageParam }) =>
      easel.users.list({
        limit: 50,
        ...(q !== '' && { q }),
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: 0,
  })
  const go = (change: { id?: string | undefined; q?: string | undefined }) =>
    void navigate({
      search: { part: 'users' as const, ...given({ id, q: q || undefined, ...change }) },
      replace: !('id' in change),
    })
  const users = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <SearchBox
          label="Search users"
          placeholder="Name or e-mail …"
          value={q}
          onChange={(text) => go({ q: text === '' ? undefined : text })}
        />
        <Button small look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setMaking(true)}>
          New user
        </Button>
      </div>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={4} />}
      {data && users.length === 0 && (
        <Empty title="Nobody has this name" icon={<Users size={28} strokeWidth={1.5} />}>
          Names and e-mail addresses are searched.
        </Empty>
      )}
      {users.length > 0 && (
        <Panel>
          <ul className="divide-y" aria-label="Users">
            {users.map((user) => (
              <Row key={user.id} user={user} onOpen={() => go({ id: user.id })} />
            ))}
          </ul>
        </Panel>
      )}
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          More
        </Button>
      )}
      <NewUser open={isMaking} onClose={() => setMaking(false)} />
      {id !== undefined && (
        <Sheet name="User" onClose={() => go({ id: undefined })}>
          <UserDetail key={id} id={id} onGone={() => go({ id: undefined })} />
        </Sheet>
      )}
    </>
  )
}

const given = <T extends object>(search: T) =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

function Row({ user, onOpen }: { user: UserView; onOpen: () => void }) {
  return (
    <li>
      <button
        type="button"
        onClick={onOpen}
        className="flex w-full items-center gap-3 px-4 py-2.5 text-left hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-3">
            <span className="truncate font-medium" title={user.name} dir="auto">
              {user.name}
            </span>
            {user.disabled && <Status tone="warn">Disabled</Status>}
          </span>
          <span className="block truncate text-sm text-ink-2">{user.email}</span>
        </span>
        <span className="text-sm text-ink-2">{roleNames[user.role]}</span>
        <ChevronRight size={16} className="shrink-0 text-ink-3" aria-hidden />
      </button>
    </li>
  )
}
