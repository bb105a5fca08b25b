import { useQuery } from '@tanstack/react-query'
import { Heart, SlidersHorizontal, X } from 'lucide-react'
import clsx from 'clsx'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Filter, FilterButton, SearchBox } from '../../ui/search-box.tsx'
import { statsQuery } from './asset-feed.ts'
import { filtersOf, kinds, noFilters } from './gallery-search.ts'
import { MadeFilter } from './made-filter.tsx'
import { membersQuery } from './members.ts'
import type { ReactNode } from 'react'
import type { CurrentSpace } from '../../api/space.ts'
import type { GallerySearch, Go } from './gallery-search.ts'

type FiltersProps = { search: GallerySearch; go: Go; space: CurrentSpace; me: string }

const kindNames: Record<(typeof kinds)[number], string> = {
  image: 'Images',
  animation: 'Animations',
  video: 'Videos',
  audio: 'Sound',
  text: 'Texts',
}

/** On a phone they open below the search. */
export function Filters(props: FiltersProps) {
  const { search, go } = props
  const [open, setOpen] = useState(false)
  const set = filtersOf(search).filter((name) => name !== 'q').length
  return (
    <div className="flex flex-wrap items-center gap-2" role="search">
      <SearchBox
        label="Search the gallery"
        placeholder="Prompt, tag, note, name"
        value={search.q ?? ''}
        onChange={(q) => go({ q: q === '' ? undefined : q })}
      />
      <Button
        icon={<SlidersHorizontal size={16} aria-hidden />}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="md:hidden"
      >
        {set === 0 ? 'Filters' : `Filters (${set})`}
      </Button>
      <div
        className={clsx(
          'flex flex-wrap items-center gap-1.5 max-md:w-full max-md:gap-2',
          !open && 'max-md:hidden',
        )}
      >
        <Choices {...props} />
        {filtersOf(search).length > 0 && (
          <Button small look="quiet" icon={<X size={15} aria-hidden />} onClick={() => go(noFilters)}>
            Clear
          </Button>
        )}
      </div>
    </div>
  )
}

function Choices({ search, go, space, me }: FiltersProps) {
  const { data: stats } = useQuery(statsQuery(space.id))
  const { data: sessions } = useQuery({
    queryKey: ['sessions', 'of-gallery', space.id],
    queryFn: () => easel.sessions.list({ spaceId: space.id, limit: 100 }),
  })
  return (
    <>
      <Filter
        label="Kind"
        value={search.kind ?? ''}
        onChoose={(kind) => go({ kind: kind as GallerySearch['kind'] })}
      >
        <option value="">All kinds</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {kindNames[kind]}
          </option>
        ))}
      </Filter>
      <Steady>
        <Filter label="Model" value={search.model ?? ''} onChoose={(model) => go({ model })}>
          <option value="">All models</option>
          {stats?.models.map(({ model, count }) => (
            <option key={model} value={model}>
              {model} ({count.toLocaleString('en')})
            </option>
          ))}
          <Unlisted value={search.model} listed={stats?.models.map(({ model }) => model)} />
        </Filter>
      </Steady>
      <Steady>
        <Filter label="Session" value={search.session ?? ''} onChoose={(session) => go({ session })}>
          <option value="">All sessions</option>
          {sessions?.items.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
          <Unlisted value={search.session} listed={sessions?.items.map(({ id }) => id)} name="One session" />
        </Filter>
      </Steady>
      {(!space.personal || search.by !== undefined) && (
        <Whose search={search} go={go} space={space} me={me} />
      )}
      <Filter
        label="Rating"
        value={String(search.rating ?? '')}
        onChoose={(rating) => go({ rating: rating === undefined ? undefined : Number(rating) })}
      >
        <option value="">Any rating</option>
        {[1, 2, 3, 4, 5].map((rating) => (
          <option key={rating} value={rating}>
            {'★'.repeat(rating)}
            {rating < 5 ? ' +' : ''}
          </option>
        ))}
      </Filter>
      <MadeFilter search={search} go={go} />
      <Filter
        label="Origin"
        value={search.origin ?? ''}
        onChoose={(origin) => go({ origin: origin as GallerySearch['origin'] })}
      >
        <option value="">Any origin</option>
        <option value="job">Made here</option>
        <option value="upload">Uploaded</option>
      </Filter>
      <FilterButton
        pressed={search.favorite === true}
        icon={<Heart size={15} fill={search.favorite ? 'currentColor' : 'none'} aria-hidden />}
        onPress={() => go({ favorite: search.favorite ? undefined : true })}
      >
        Favourites
      </FilterButton>
      {search.tag !== undefined && (
        <Chip what="Tag" value={search.tag} onClear={() => go({ tag: undefined })} />
      )}
      {search.lora !== undefined && (
        <Chip what="LoRA" value={search.lora} onClear={() => go({ lora: undefined })} />
      )}
      <Filter
        label="Order"
        value={search.sort ?? ''}
        onChoose={(sort) => go({ sort: sort as GallerySearch['sort'] })}
      >
        <option value="">Newest</option>
        <option value="oldest">Oldest</option>
        <option value="rating">Best rated</option>
      </Filter>
    </>
  )
}

/** As wide before its choices are known as after. */
function Steady({ children }: { children: ReactNode }) {
  return <span className="w-36 *:w-full max-md:w-44">{children}</span>
}

function Whose({ search, go, space, me }: FiltersProps) {
  const { data } = useQuery(membersQuery(space.id))
  const others = data?.items.filter(({ userId }) => userId !== me) ?? []
  return (
    <Filter label="Whose" value={search.by ?? ''} onChoose={(by) => go({ by })}>
      <option value="">Everybody’s</option>
      <option value="me">Mine</option>
      {others.map(({ userId, name, email }) => (
        <option key={userId} value={userId}>
          {name || email}
        </option>
      ))}
      <Unlisted
        value={search.by}
        listed={['me', ...others.map(({ userId }) => userId)]}
        name="Somebody else’s"
      />
    </Filter>
  )
}

/** What the address asks for is a choice, too, listed or not. */
function Unlisted({
  value,
  listed = [],
  name = value,
}: {
  value: string | undefined
  listed?: readonly string[] | undefined
  name?: string | undefined
}) {
  if (value === undefined || listed.includes(value)) return null
  return <option value={value}>{name}</option>
}

function Chip({ what, value, onClear }: { what: string; value: string; onClear: () => void }) {
  return (
    <button
      type="button"
      aria-label={`${what} ${value}: filter no longer`}
      onClick={onClear}
      className="inline-flex h-8 max-w-64 items-center gap-1.5 rounded-control border border-accent bg-accent-soft px-2.5 text-sm font-medium max-md:h-11"
    >
      <span className="text-ink-2">{what}</span>
      <span className="truncate" dir="auto">
        {value}
      </span>
      <X size={14} aria-hidden />
    </button>
  )
}
