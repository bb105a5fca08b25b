import { X } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { FilterButton } from '../../ui/search-box.tsx'
import { levels, periods, sources, tasks } from './models-words.ts'
import type { Go, ModelsSearch } from './models-search.ts'

const asChip = {
  source: ({ source }) => sources[source!],
  period: ({ period }) => periods[period!],
  nsfw: ({ nsfw }) => levels[nsfw!],
  task: ({ task }) => (tasks as Record<string, string>)[task!] ?? task!,
  creator: ({ creator }) => `by ${creator}`,
  tag: ({ tag }) => `#${tag}`,
  commercial: () => 'Commercial use',
  installed: () => 'Installed',
  favorite: () => 'Favourites',
} satisfies Partial<Record<keyof ModelsSearch, (search: ModelsSearch) => string>>

/** What is filtered by and not in sight otherwise. */
export function ChosenFilters({ search, go }: { search: ModelsSearch; go: Go }) {
  const chips = Object.entries(asChip).filter(([key]) => search[key as keyof ModelsSearch] !== undefined)
  const all = [...chips.map(([key]) => key), 'type', 'base', 'q'].filter(
    (key) => search[key as keyof ModelsSearch] !== undefined,
  )
  if (chips.length === 0) return null
  return (
    <div className="flex flex-wrap items-center gap-2">
      {chips.map(([key, words]) => (
        <FilterButton
          key={key}
          pressed
          onPress={() => go({ [key]: undefined })}
          icon={<X size={14} aria-hidden />}
        >
          <span className="max-w-48 truncate">{words(search)}</span>
        </FilterButton>
      ))}
      {all.length > 1 && (
        <Button small look="quiet" onClick={() => go(Object.fromEntries(all.map((key) => [key, undefined])))}>
          Clear all
        </Button>
      )}
    </div>
  )
}
