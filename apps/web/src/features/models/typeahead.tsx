import { Autocomplete } from '@base-ui/react/autocomplete'
import { useQuery } from '@tanstack/react-query'
import { Search, X } from 'lucide-react'
import clsx from 'clsx'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { control } from '../../ui/field.tsx'
import type { ModelsSearch } from './models-search.ts'

const restMs = 350

/** The search, with names that what is typed may become. It searches when its writer rests, and at once with Enter. */
export function Typeahead({
  value,
  level,
  onSearch,
}: {
  value: string
  level: ModelsSearch['nsfw']
  onSearch: (text: string) => void
}) {
  const [written, setWritten] = useState(value)
  const [open, setOpen] = useState(false)
  const names = useSuggestions(written, level)
  const searched = useRef(value)
  searched.current = value
  useEffect(() => setWritten(value), [value])
  useEffect(() => {
    if (written.trim() === value) return
    const timer = setTimeout(() => {
      // Enter may have searched for it meanwhile.
      if (written.trim() !== searched.current) onSearch(written.trim())
    }, restMs)
    return () => clearTimeout(timer)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it waits for the writer alone
  }, [written])
  const search = (text: string) => {
    setOpen(false)
    setWritten(text)
    onSearch(text.trim())
  }
  return (
    <Autocomplete.Root
      items={names}
      filter={null}
      value={written}
      open={open && names.length > 0}
      onOpenChange={setOpen}
      onValueChange={(text, { reason }) => (reason === 'item-press' ? search(text) : setWritten(text))}
    >
      <form
        className="relative min-w-[min(13rem,100%)] flex-1 basis-72"
        onSubmit={(event) => {
          event.preventDefault()
          search(written)
        }}
      >
        <Search
          size={15}
          className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3"
          aria-hidden
        />
        <Autocomplete.Input
          aria-label="Search models"
          placeholder="Name, trigger word, hash or address …"
          enterKeyHint="search"
          className={clsx(control, 'pr-8 pl-8 md:h-8')}
        />
        {written !== '' && (
          <button
            type="button"
            aria-label="Clear the search"
            onClick={() => search('')}
            className="absolute top-1/2 right-1 grid size-7 -translate-y-1/2 place-items-center rounded-control text-ink-3 hover:bg-hover hover:text-ink"
          >
            <X size={15} aria-hidden />
          </button>
        )}
      </form>
      <Autocomplete.Portal>
        <Autocomplete.Positioner align="start" sideOffset={4} className="z-30">
          <Autocomplete.Popup className="w-(--anchor-width) min-w-60 rounded-panel border bg-raised p-1 shadow-raised">
            <Autocomplete.List className="max-h-80 overflow-y-auto">
              {(name: string) => (
                <Autocomplete.Item
                  key={name}
                  value={name}
                  className="flex min-h-8 cursor-default items-center rounded-control px-2 py-1 outline-none data-[highlighted]:bg-hover max-md:min-h-11"
                >
                  <span className="truncate" dir="auto">
                    <Marked name={name} part={written.trim()} />
                  </span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  )
}

/** From what is known already: nobody elsewhere is asked while somebody types. */
function useSuggestions(written: string, level: ModelsSearch['nsfw']): readonly string[] {
  const q = useDeferredValue(written.trim())
  const { data } = useQuery({
    queryKey: ['suggest', q, level],
    queryFn: ({ signal }) =>
      easel.models.suggest({ q, ...(level !== undefined && { maxNsfw: level }) }, { signal }),
    enabled: q.length >= 2,
    staleTime: 60_000,
    gcTime: 60_000,
    placeholderData: (before) => before,
  })
  if (q.length < 2) return []
  return (data?.items ?? []).filter((name) => name.toLowerCase() !== q.toLowerCase()).slice(0, 8)
}

function Marked({ name, part }: { name: string; part: string }) {
  const at = part === '' ? -1 : name.toLowerCase().indexOf(part.toLowerCase())
  if (at < 0) return name
  return (
    <>
      {name.slice(0, at)}
      <mark className="bg-transparent font-semibold text-accent">{name.slice(at, at + part.length)}</mark>
      {name.slice(at + part.length)}
    </>
  )
}
