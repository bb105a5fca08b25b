import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Boxes, ChevronRight } from 'lucide-react'
import { easel, writeSpace } from '../../api/easel.ts'
import { spacesQuery } from '../../api/queries.ts'
import { exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Members } from '../settings/members.tsx'
import { LimitsForm } from './limits-form.tsx'
import type { SpaceView } from '@easel/client'

export function SpacesPart() {
  const { id, q = '' } = useSearch({ from: '/studio/settings' })
  const navigate = useNavigate({ from: '/settings' })
  const { data, error, refetch } = useQuery(spacesQuery)
  const words = q.toLowerCase()
  const shown = data?.items.filter(({ name, slug }) => `${name} ${slug}`.toLowerCase().includes(words)) ?? []
  const search = q === '' ? {} : { q }
  return (
    <>
      <SearchBox
        label="Search spaces"
        placeholder="Name …"
        value={q}
        onChange={(text) =>
          void navigate({ search: { part: 'spaces', ...(text !== '' && { q: text }) }, replace: true })
        }
      />
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={4} />}
      {data && shown.length === 0 && (
        <Empty title="No space has this name" icon={<Boxes size={28} strokeWidth={1.5} />} />
      )}
      {shown.length > 0 && (
        <Panel>
          <ul className="divide-y" aria-label="Spaces">
            {shown.map((space) => (
              <li key={space.id}>
                <button
                  type="button"
                  onClick={() => void navigate({ search: { part: 'spaces', ...search, id: space.id } })}
                  className="flex w-full items-center gap-3 px-4 py-2.5 text-left hover:bg-hover"
                >
                  <span className="min-w-0 flex-1">
                    <span className="block truncate font-medium" title={space.name} dir="auto">
                      {space.name}
                    </span>
                    <code className="text-xs text-ink-2">{space.slug}</code>
                  </span>
                  <span className="text-sm text-ink-2">{space.personal ? 'personal' : 'shared'}</span>
                  <ChevronRight size={16} className="shrink-0 text-ink-3" aria-hidden />
                </button>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {id !== undefined && (
        <Sheet name="Space" onClose={() => void navigate({ search: { part: 'spaces', ...search } })}>
          <SpaceDetail key={id} id={id} />
        </Sheet>
      )}
    </>
  )
}

function SpaceDetail({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['spaces', 'one', id],
    queryFn: () => easel.spaces.get(id),
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={4} className="p-6" />
  return (
    <div className="flex flex-col gap-4 p-4 md:p-6">
      <header className="flex flex-col gap-1 pr-10">
        <h2 className="text-lg font-semibold" dir="auto">
          {data.name}
        </h2>
        <p className="text-ink-2">
          {data.personal ? 'A personal space' : 'A shared space'}, since {exactTime(data.createdAt)}
        </p>
      </header>
      <Button small className="self-start" onClick={() => enter(data)}>
        Work in it
      </Button>
      <Panel title="Budget and limits">
        <LimitsForm
          of={['space', id]}
          get={() => easel.spaces.budget(id)}
          set={(limits) => easel.spaces.setBudget(id, limits)}
          unset="no limit of its own"
        />
      </Panel>
      <Members spaceId={id} canManage={!data.personal} />
    </div>
  )
}

/** A tab works in one space from its first call on. */
function enter({ id }: SpaceView): void {
  writeSpace(id)
  location.assign('/gallery')
}
