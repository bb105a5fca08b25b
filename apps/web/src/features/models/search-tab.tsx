import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { CloudOff, PackageSearch, Star, X } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Filter, FilterButton, SearchBox } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { ModelTile } from './model-tile.tsx'
import { levels, nameOfModel, periods, sorts, sources, toQuery, typeNames } from './models-search.ts'
import { isGiven } from '../../lib/given.ts'
import type { Facets, SearchPage } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

export function SearchTab({ search, go }: { search: ModelsSearch; go: Go }) {
  const query = toQuery(search)
  const { data, error, isPending, isFetching, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['models', 'search', query],
      queryFn: ({ pageParam, signal }) =>
        easel.models.search(
          {
            ...query,
            facets: pageParam === undefined,
            limit: 48,
            ...(pageParam !== undefined && { cursor: pageParam }),
          },
          { signal },
        ),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
      staleTime: 5 * 60_000,
    })
  const [first] = data?.pages ?? []
  const items = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <Filters search={search} go={go} facets={first?.facets ?? undefined} />
      {first && <Outcomes page={first} retry={() => void refetch()} />}
      {isGiven(first?.didYouMean) && (
        <p>
          Did you mean{' '}
          <button
            type="button"
            className="font-medium text-accent underline"
            onClick={() => go({ q: first.didYouMean })}
          >
            {first.didYouMean}
          </button>
          ?
        </p>
      )}
      {isPending && <Loading rows={4} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && items.length === 0 && !isFetching && (
        <Empty title="Nothing was found" icon={<PackageSearch size={28} strokeWidth={1.5} />}>
          CivitAI, Hugging Face and the library are searched together. Fewer filters find more.
        </Empty>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] gap-4">
        {items.map((card) => (
          <li key={nameOfModel(card)}>
            <ModelTile card={card} onOpen={() => go({ model: nameOfModel(card) }, false)} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading …' : 'More'}
        </Button>
      )}
    </>
  )
}

function Filters({ search, go, facets }: { search: ModelsSearch; go: Go; facets: Facets | undefined }) {
  const { data: me } = useSuspenseQuery(meQuery)
  const countOf = (facet: 'type' | 'family' | 'source', value: string) =>
    facets?.[facet].find((each) => each.value === value)?.count
  const withCount = (name: string, count: number | undefined) =>
    count === undefined ? name : `${name} (${count.toLocaleString('en')})`
  const families = facets?.family ?? []
  const { tab: _tab, model: _model, sort: _sort, ...filters } = search
  return (
    <div className="flex flex-wrap items-center gap-2" role="search">
      <SearchBox
        label="Search models"
        placeholder="Name, word, trigger word, hash …"
        value={search.q ?? ''}
        onChange={(q) => go({ q: q === '' ? undefined : q })}
      />
      <Filter label="Source" value={search.source ?? ''} onChoose={(source) => go({ source })}>
        <option value="">All sources</option>
        {Object.entries(sources).map(([value, name]) => (
          <option key={value} value={value}>
            {withCount(name, countOf('source', value))}
          </option>
        ))}
      </Filter>
      <Filter label="Type" value={search.type ?? ''} onChoose={(type) => go({ type })}>
        <option value="">All types</option>
        {Object.entries(typeNames).map(([value, name]) => (
          <option key={value} value={value}>
            {withCount(name, countOf('type', value))}
          </option>
        ))}
      </Filter>
      <Filter label="Base model" value={search.base ?? ''} onChoose={(base) => go({ base })}>
        <option value="">All families</option>
        {families.map(({ value, count }) => (
          <option key={value} value={value}>
            {withCount(value, count)}
          </option>
        ))}
        {search.base !== undefined && !families.some(({ value }) => value === search.base) && (
          <option value={search.base}>{search.base}</option>
        )}
      </Filter>
      <Filter label="Period" value={search.period ?? ''} onChoose={(period) => go({ period })}>
        <option value="">Any time</option>
        {Object.entries(periods).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </Filter>
      <Filter label="Rating" value={search.nsfw ?? ''} onChoose={(nsfw) => go({ nsfw })}>
        <option value="">{levels[me.maxNsfw]}</option>
        {Object.entries(levels).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </Filter>
      <Filter label="Order" value={search.sort ?? ''} onChoose={(sort) => go({ sort })}>
        <option value="">Best match</option>
        {Object.entries(sorts).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </Filter>
      <FilterButton
        pressed={search.installed === true}
        onPress={() => go({ installed: search.installed ? undefined : true })}
      >
        Installed
      </FilterButton>
      <FilterButton
        pressed={search.favorite === true}
        icon={<Star size={14} fill={search.favorite ? 'currentColor' : 'none'} aria-hidden />}
        onPress={() => go({ favorite: search.favorite ? undefined : true })}
      >
        Favourites
      </FilterButton>
      <FilterButton
        pressed={search.commercial === true}
        onPress={() => go({ commercial: search.commercial ? undefined : true })}
      >
        Commercial use
      </FilterButton>
      {(['creator', 'tag'] as const).map((key) =>
        search[key] === undefined ? null : (
          <FilterButton
            key={key}
            pressed
            onPress={() => go({ [key]: undefined })}
            icon={<X size={14} aria-hidden />}
          >
            {key === 'creator' ? `by ${search[key]}` : `#${search[key]}`}
          </FilterButton>
        ),
      )}
      {Object.keys(filters).length > 0 && (
        <Button
          small
          look="quiet"
          onClick={() =>
            go(
              Object.fromEntries(Object.keys(filters).map((key) => [key, undefined])) as Record<
                keyof ModelsSearch,
                undefined
              >,
            )
          }
        >
          Clear
        </Button>
      )}
    </div>
  )
}

/** Of sources that did not answer: what is shown of them is what was known before. */
function Outcomes({ page, retry }: { page: SearchPage; retry: () => void }) {
  const failed = page.sources.filter(({ state }) => state === 'failed')
  if (failed.length === 0) return null
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-2 rounded-panel border border-warn/50 bg-panel px-3 py-2 text-sm"
    >
      <CloudOff size={16} className="shrink-0 text-warn" aria-hidden />
      <span className="min-w-0 flex-1">
        {failed.map(({ source, message }) => `${sources[source]}: ${message ?? 'no answer'}.`).join(' ')} What
        is shown of it was known before.
      </span>
      <Button small look="quiet" onClick={retry}>
        Ask again
      </Button>
    </div>
  )
}
