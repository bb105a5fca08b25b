import { useQuery } from '@tanstack/react-query'
import { Star, X } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Filter, FilterButton, SearchBox } from '../../ui/search-box.tsx'
import { isFiltered, kinds } from './gallery-search.ts'
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
      <SearchBox
        label="Search the gallery"
        placeholder="Prompt, model, tag, note …"
        value={search.q ?? ''}
        onChange={(q) => go({ q: q === '' ? undefined : q })}
      />
      <Filter label="Kind" value={search.kind ?? ''} onChoose={(kind) => go({ kind })}>
        <option value="">All kinds</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {kindNames[kind]}
          </option>
        ))}
      </Filter>
      <Filter label="Model" value={search.model ?? ''} onChoose={(model) => go({ model })}>
        <option value="">All models</option>
        {stats?.models.map(({ model, count }) => (
          <option key={model} value={model}>
            {model} ({count})
          </option>
        ))}
        {search.model !== undefined && !stats?.models.some(({ model }) => model === search.model) && (
          <option value={search.model}>{search.model}</option>
        )}
      </Filter>
      {sessions && sessions.items.length > 0 && (
        <Filter label="Session" value={search.session ?? ''} onChoose={(session) => go({ session })}>
          <option value="">All sessions</option>
          {sessions.items.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </Filter>
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
            {rating < 5 ? ' and more' : ''}
          </option>
        ))}
      </Filter>
      <Filter label="Made" value={search.since ?? ''} onChoose={(since) => go({ since })}>
        <option value="">Any time</option>
        {sinceChoices.map(({ days, name }) => (
          <option key={days} value={dayOf(days)}>
            {name}
          </option>
        ))}
        {search.since !== undefined && !sinceChoices.some(({ days }) => dayOf(days) === search.since) && (
          <option value={search.since}>Since {search.since}</option>
        )}
      </Filter>
      <Filter label="Order" value={search.sort ?? ''} onChoose={(sort) => go({ sort })}>
        <option value="">Newest first</option>
        <option value="oldest">Oldest first</option>
        <option value="rating">Best rated first</option>
      </Filter>
      <FilterButton
        pressed={search.favorite === true}
        icon={<Star size={15} fill={search.favorite ? 'currentColor' : 'none'} aria-hidden />}
        onPress={() => go({ favorite: search.favorite ? undefined : true })}
      >
        Favourites
      </FilterButton>
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
