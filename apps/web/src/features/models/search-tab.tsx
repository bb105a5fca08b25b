import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { CloudOff, PackageSearch } from 'lucide-react'
import clsx from 'clsx'
import { easel } from '../../api/easel.ts'
import { duration } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Empty, Failure } from '../../ui/states.tsx'
import { isHash, recognise } from '../downloads/recognise.ts'
import { useUnderWay } from '../downloads/under-way.ts'
import { FacetStrip } from './facet-strip.tsx'
import { HashResult } from './hash-result.tsx'
import { ModelTile } from './model-tile.tsx'
import { useFamilyNames } from './families.ts'
import { nameOfModel, toQuery } from './models-search.ts'
import { sources } from './models-words.ts'
import { SearchFilters } from './search-filters.tsx'
import { useFreshCards } from './use-fresh-cards.ts'
import { WhenInSight } from './when-in-sight.tsx'
import type { DownloadView, ModelCard, SearchPage } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

export function SearchTab({ search, go }: { search: ModelsSearch; go: Go }) {
  const { q = '' } = search
  const isAddress = recognise(q)?.model !== undefined && /[/:]/.test(q)
  const special = isHash(q) || isAddress
  const { data, error, isPending, isPlaceholderData, refetch, ...more } = useSearch(search, !special)
  const [first] = data?.pages ?? []
  const items = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <SearchFilters search={search} go={go} facets={first?.facets ?? undefined} />
      {isHash(q) && <HashResult hash={q} go={go} />}
      {isAddress && <Address text={q} go={go} />}
      {!special && (
        <>
          {first && <Outcomes page={first} retry={() => void refetch()} />}
          <FacetStrip search={search} go={go} facets={first?.facets ?? undefined} />
          {isGiven(first?.didYouMean) && (
            <DidYouMean instead={first.didYouMean} found={items.length > 0} q={q} go={go} />
          )}
          {isPending && <GreyTiles />}
          {error && !data && <Failure error={error} retry={() => void refetch()} />}
          {data && items.length === 0 && !isPlaceholderData && <NothingFound search={search} go={go} />}
          <Tiles items={items} go={go} old={isPlaceholderData} />
          {more.hasNextPage && (
            <WhenInSight
              // Anew for each page: what still ends in sight goes on.
              key={items.length}
              busy={more.isFetchingNextPage}
              onSight={() => void more.fetchNextPage()}
            />
          )}
        </>
      )}
    </>
  )
}

function useSearch(search: ModelsSearch, enabled: boolean) {
  const query = toQuery(search)
  const result = useInfiniteQuery({
    queryKey: ['search', query],
    enabled,
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
    placeholderData: keepPreviousData,
  })
  useFreshCards(result.data?.pages.flatMap(({ items }) => items) ?? [])
  return result
}

const grid = 'grid grid-cols-[repeat(auto-fill,minmax(min(11rem,44%),1fr))] gap-3 md:gap-4'

function Tiles({ items, go, old }: { items: readonly ModelCard[]; go: Go; old: boolean }) {
  const underWay = useUnderWay()
  const nameOf = useFamilyNames()
  const byModel = new Map<string, DownloadView>(
    underWay.flatMap((download) => (isGiven(download.modelId) ? [[download.modelId, download]] : [])),
  )
  return (
    <ul aria-label="Models" aria-busy={old} className={clsx(grid, 'transition-opacity', old && 'opacity-50')}>
      {items.map((card) => (
        <li key={nameOfModel(card)}>
          <ModelTile
            card={card}
            family={isGiven(card.family) ? nameOf(card.family) : (card.baseModel ?? undefined)}
            download={byModel.get(card.id)}
            onOpen={() => go({ model: nameOfModel(card), version: undefined }, false)}
          />
        </li>
      ))}
    </ul>
  )
}

/** The shape of what comes: nothing moves when it does. */
function GreyTiles() {
  return (
    <div role="status" aria-label="Loading" className={grid}>
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} className="animate-pulse rounded-panel bg-hover opacity-60">
          <div className="aspect-[3/4]" />
          <div className="h-24" />
        </div>
      ))}
    </div>
  )
}

function NothingFound({ search, go }: { search: ModelsSearch; go: Go }) {
  const { tab: _tab, model: _model, version: _version, sort: _sort, q, ...filters } = search
  const filtered = Object.keys(filters)
  return (
    <Empty
      title={q === undefined ? 'Nothing fits these filters' : `Nothing was found for “${q.slice(0, 60)}”`}
      icon={<PackageSearch size={28} strokeWidth={1.5} />}
      action={
        filtered.length > 0 && (
          <Button onClick={() => go(Object.fromEntries(filtered.map((key) => [key, undefined])))}>
            Search without filters
          </Button>
        )
      }
    >
      CivitAI, Hugging Face and the library are searched together.
      {search.installed ? ' Only what is installed is shown now.' : ' Fewer words and filters find more.'}
    </Empty>
  )
}

function DidYouMean({ instead, found, q, go }: { instead: string; found: boolean; q: string; go: Go }) {
  return (
    <p role="status">
      {found ? 'Did you mean ' : `Nothing is called “${q.slice(0, 60)}”. Did you mean `}
      <button type="button" className="font-medium text-accent underline" onClick={() => go({ q: instead })}>
        {instead}
      </button>
      ?
    </p>
  )
}

/** Somebody pasted the address of a model's page. */
function Address({ text, go }: { text: string; go: Go }) {
  const found = recognise(text)
  if (found?.model === undefined) return null
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 rounded-panel border bg-panel px-4 py-3">
      <p className="min-w-0 flex-1 truncate">
        {found.words}: <span className="text-ink-2">{found.model.slice(found.model.indexOf(':') + 1)}</span>
      </p>
      <Button look="primary" onClick={() => go({ model: found.model, version: undefined }, false)}>
        Look at it
      </Button>
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
        {failed
          .map(({ source, message }) => `${sources[source]}: ${(message ?? 'no answer').replace(/\.$/, '')}.`)
          .join(' ')}{' '}
        What is shown of {failed.length === 1 ? 'it' : 'them'} was known before.
        {failed.map(({ source, retryAt }) =>
          isGiven(retryAt) && Date.parse(retryAt) > Date.now() ? (
            <span key={source}>
              {' '}
              {sources[source]} can be asked again in {duration((Date.parse(retryAt) - Date.now()) / 1_000)}.
            </span>
          ) : null,
        )}
      </span>
      <Button small look="quiet" onClick={retry}>
        Ask again
      </Button>
    </div>
  )
}
