import { useQuery } from '@tanstack/react-query'
import { Search, X } from 'lucide-react'
import clsx from 'clsx'
import { useDeferredValue, useEffect, useId, useRef, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { control } from '../../ui/field.tsx'
import type { KeyboardEvent } from 'react'
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
  const [active, setActive] = useState(-1)
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
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
    setActive(-1)
    setWritten(text)
    onSearch(text.trim())
  }
  const shown = open && names.length > 0
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && shown) {
      event.preventDefault()
      setOpen(false)
      return
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || names.length === 0) return
    event.preventDefault()
    setOpen(true)
    // Beyond the last comes what was written, and then the first again.
    setActive((before) => (shown ? ((before + 1 + step + names.length + 1) % (names.length + 1)) - 1 : 0))
  }
  return (
    <form
      className="relative min-w-[min(13rem,100%)] flex-1 basis-72"
      onSubmit={(event) => {
        event.preventDefault()
        search((shown && names[active]) || written)
      }}
      onBlur={({ currentTarget, relatedTarget }) => currentTarget.contains(relatedTarget) || setOpen(false)}
    >
      <Search
        size={15}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3"
        aria-hidden
      />
      <input
        ref={input}
        role="combobox"
        aria-label="Search models"
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={id}
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        placeholder="Name, trigger word, hash or address …"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        value={written}
        onChange={({ target }) => {
          setWritten(target.value)
          setActive(-1)
          setOpen(true)
        }}
        onKeyDown={onKeyDown}
        className={clsx(control, 'pr-8 pl-8 md:h-8')}
      />
      {written !== '' && (
        <button
          type="button"
          aria-label="Clear the search"
          onClick={() => {
            search('')
            input.current?.focus()
          }}
          className="absolute top-1/2 right-1 grid size-7 -translate-y-1/2 place-items-center rounded-control text-ink-3 hover:bg-hover hover:text-ink max-md:size-9"
        >
          <X size={15} aria-hidden />
        </button>
      )}
      <ul
        id={id}
        role="listbox"
        aria-label="Names that fit"
        hidden={!shown}
        className="absolute inset-x-0 top-full z-30 mt-1 max-h-80 overflow-y-auto rounded-panel border bg-raised p-1 shadow-raised"
      >
        {names.map((name, index) => (
          <li
            key={name}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            // The writer goes on where they were: a press takes no focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => search(name)}
            onPointerMove={() => setActive(index)}
            className="flex min-h-8 items-center rounded-control px-2 py-1 aria-selected:bg-hover max-md:min-h-11"
          >
            <span className="truncate" dir="auto">
              <Marked name={name} part={written.trim()} />
            </span>
          </li>
        ))}
      </ul>
    </form>
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
