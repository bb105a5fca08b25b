import { useFamilyNames } from './families.ts'
import { typeNames } from './models-words.ts'
import type { Facets, FacetValue, ModelCard } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

const mostTypes = 5
const mostFamilies = 8

/** What was found, counted: a press narrows to it. Its room is kept while the counts are on their way. */
export function FacetStrip({
  search,
  go,
  facets,
}: {
  search: ModelsSearch
  go: Go
  facets: Facets | undefined
}) {
  const nameOf = useFamilyNames()
  const total = facets?.source.reduce((sum, { count }) => sum + count, 0)
  const types = search.type === undefined ? (facets?.type ?? []).slice(0, mostTypes) : []
  const families = search.base === undefined ? (facets?.family ?? []).slice(0, mostFamilies) : []
  const narrow = (key: 'type' | 'base', { value, count }: FacetValue, name: string) => (
    <button
      key={`${key} ${value}`}
      type="button"
      onClick={() => go({ [key]: value })}
      className="inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full border bg-panel px-2.5 text-sm whitespace-nowrap hover:bg-hover max-md:h-9"
    >
      {name} <span className="nums text-ink-3">{count.toLocaleString('en')}</span>
    </button>
  )
  return (
    <div
      role="group"
      aria-label="Narrow the search"
      className="-mx-4 flex min-h-9 items-center gap-1.5 overflow-x-auto px-4 py-0.5 [scrollbar-width:none] md:-mx-6 md:px-6"
    >
      {total !== undefined && total > 0 && (
        <span className="nums mr-1.5 shrink-0 text-sm text-ink-2" role="status">
          {facets?.exact === false && 'about '}
          {total.toLocaleString('en')} {total === 1 ? 'model' : 'models'}
        </span>
      )}
      {types.length > 1 &&
        types.map((facet) =>
          narrow('type', facet, typeNames[facet.value as ModelCard['type']] ?? facet.value),
        )}
      {types.length > 1 && families.length > 1 && <span className="mx-1 h-4 shrink-0 border-l" aria-hidden />}
      {families.length > 1 && families.map((facet) => narrow('base', facet, nameOf(facet.value)))}
    </div>
  )
}
