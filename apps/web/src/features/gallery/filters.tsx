import { useQuery } from '@tanstack/react-query'
import { Search, Star, X } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { control } from '../../ui/field.tsx'
import { isFiltered, kinds } from './gallery-search.ts'
import type { ReactNode } from 'react'
import type { GallerySearch } from './gallery-search.ts'

type Go = (change: Partial<Record<keyof GallerySearch, unknown>>) => void

const kindNames: Record<(typeof kinds)[number], string> = {
  image: 'Images',
  animation: 'Animations',
  video: 'Videos',
  audio: 'Sound',
  text: 'Texts',
}

const sinceChoices = [
  { days: 1, name: 'Last day' },
  { days: 7, name: 'Last week' },
  { days: 30, name: 'Last month' },
] as const

const dayOf = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

export function Filters({ search, go }: { search: GallerySearch; go: Go }) {
  const { data: stats } = useQuery({
    queryKey: ['asset-stats'],
    queryFn: () => easel.assets.stats(),
    staleTime: 60_000,
  })
  const { data: sessions } = useQuery({
    queryKey: ['sessions'],
    queryFn: () => easel.sessions.list({ limit: 100 }),
  })
  return (
    <div className="flex flex-wrap items-center gap-2" role="search">
      <SearchBox value={search.q ?? ''} onChange={(q) => go({ q: q === '' ? undefined : q })} />
      <Choice label="Kind" value={search.kind ?? ''} onChoose={(kind) => go({ kind })}>
        <option value="">All kinds</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {kindNames[kind]}
          </option>
        ))}
      </Choice>
      <Choice label="Model" value={search.model ?? ''} onChoose={(model) => go({ model })}>
        <option value="">All models</option>
        {stats?.models.map(({ model, count }) => (
          <option key={model} value={model}>
            {model} ({count})
          </option>
        ))}
        {search.model !== undefined && !stats?.models.some(({ model }) => model === search.model) && (
          <option value={search.model}>{search.model}</option>
        )}
      </Choice>
      {sessions && sessions.items.length > 0 && (
        <Choice label="Session" value={search.session ?? ''} onChoose={(session) => go({ session })}>
          <option value="">All sessions</option>
          {sessions.items.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </Choice>
      )}
      <Choice
        label="Rating"
        value={String(search.rating ?? '')}
        onChoose={(rating) => go({ rating: rating === undefined ? undefined : Number(rating) })}
      >
        <option value="">Any rating</option>
        {[1, 2, 3, 4, 5].map((rating) => (
          <option key={rating} value={rating}>
            {'★'.repeat(rating)}
            {rating < 5 ? ' and more' : ''}
          </option>
        ))}
      </Choice>
      <Choice label="Made" value={search.since ?? ''} onChoose={(since) => go({ since })}>
        <option value="">Any time</option>
        {sinceChoices.map(({ days, name }) => (
          <option key={days} value={dayOf(days)}>
            {name}
          </option>
        ))}
        {search.since !== undefined && !sinceChoices.some(({ days }) => dayOf(days) === search.since) && (
          <option value={search.since}>Since {search.since}</option>
        )}
      </Choice>
      <Choice label="Order" value={search.sort ?? ''} onChoose={(sort) => go({ sort })}>
        <option value="">Newest first</option>
        <option value="oldest">Oldest first</option>
        <option value="rating">Best rated first</option>
      </Choice>
      <Button
        small
        aria-pressed={search.favorite === true}
        className={clsx(search.favorite && 'border-accent! bg-accent-soft!')}
        icon={<Star size={15} fill={search.favorite ? 'currentColor' : 'none'} aria-hidden />}
        onClick={() => go({ favorite: search.favorite ? undefined : true })}
      >
        Favourites
      </Button>
      {isFiltered(search) && (
        <Button
          small
          look="quiet"
          icon={<X size={15} aria-hidden />}
          onClick={() =>
            go({
              q: undefined,
              kind: undefined,
              model: undefined,
              session: undefined,
              rating: undefined,
              favorite: undefined,
              since: undefined,
            })
          }
        >
          Clear
        </Button>
      )}
    </div>
  )
}

/** A word is searched when its writer rests. */
function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [written, setWritten] = useState(value)
  useEffect(() => setWritten(value), [value])
  useEffect(() => {
    if (written === value) return
    const timer = setTimeout(() => onChange(written.trim()), 250)
    return () => clearTimeout(timer)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it waits for the writer alone
  }, [written])
  return (
    <div className="relative min-w-52 flex-1 basis-64">
      <Search
        size={15}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3"
        aria-hidden
      />
      <input
        type="search"
        aria-label="Search the gallery"
        placeholder="Prompt, model, tag, note …"
        value={written}
        onChange={(event) => setWritten(event.target.value)}
        className={clsx(control, 'h-8 pl-8')}
      />
    </div>
  )
}

function Choice({
  label,
  value,
  onChoose,
  children,
}: {
  label: string
  value: string
  onChoose: (value: string | undefined) => void
  children: ReactNode
}) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.target.value === '' ? undefined : event.target.value)}
      className={clsx(
        'h-8 max-w-44 rounded-control border bg-panel px-2 text-sm hover:bg-hover max-md:h-11',
        value === '' ? 'text-ink-2' : 'border-accent bg-accent-soft font-medium',
      )}
    >
      {children}
    </select>
  )
}
