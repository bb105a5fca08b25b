import { Star } from 'lucide-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { meQuery } from '../../api/queries.ts'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Filter, FilterButton } from '../../ui/search-box.tsx'
import { ChosenFilters } from './chosen-filters.tsx'
import { useFamilyNames } from './families.ts'
import { FiltersButton } from './filters-button.tsx'
import { levels, periods, sorts, sources, tasks, typeNames } from './models-words.ts'
import { Typeahead } from './typeahead.tsx'
import type { Facets } from '@easel/client'
import type { ReactNode } from 'react'
import type { Go, ModelsSearch } from './models-search.ts'

type FiltersProps = { search: ModelsSearch; go: Go; facets: Facets | undefined }

export function SearchFilters({ search, go, facets }: FiltersProps) {
  return (
    <div className="flex flex-col gap-2" role="search">
      <div className="flex flex-wrap items-center gap-2">
        <Typeahead
          value={search.q ?? ''}
          level={search.nsfw}
          onSearch={(q) => go({ q: q === '' ? undefined : q })}
        />
        <div className="flex flex-wrap items-center gap-2 max-md:w-full">
          <TypeFilter search={search} go={go} facets={facets} />
          <FamilyFilter search={search} go={go} facets={facets} />
          <Filter label="Order" value={search.sort ?? ''} onChoose={(sort) => go({ sort })}>
            <option value="">Best match</option>
            <Options of={sorts} />
          </Filter>
          <MoreFilters search={search} go={go} facets={facets} />
        </div>
      </div>
      <ChosenFilters search={search} go={go} />
    </div>
  )
}

const withCount = (name: string, count: number | undefined) =>
  count === undefined ? name : `${name} (${count.toLocaleString('en')})`

function Options({ of }: { of: Readonly<Record<string, string>> }): ReactNode {
  return Object.entries(of).map(([value, name]) => (
    <option key={value} value={value}>
      {name}
    </option>
  ))
}

function TypeFilter({ search, go, facets }: FiltersProps) {
  return (
    <Filter label="Type" value={search.type ?? ''} onChoose={(type) => go({ type })}>
      <option value="">All types</option>
      {Object.entries(typeNames).map(([value, name]) => (
        <option key={value} value={value}>
          {withCount(name, facets?.type.find((each) => each.value === value)?.count)}
        </option>
      ))}
    </Filter>
  )
}

function FamilyFilter({ search, go, facets }: FiltersProps) {
  const nameOf = useFamilyNames()
  const families = facets?.family ?? []
  return (
    <Filter label="Base model" value={search.base ?? ''} onChoose={(base) => go({ base })}>
      <option value="">All families</option>
      {families.map(({ value, count }) => (
        <option key={value} value={value}>
          {withCount(nameOf(value), count)}
        </option>
      ))}
      {search.base !== undefined && !families.some(({ value }) => value === search.base) && (
        <option value={search.base}>{nameOf(search.base)}</option>
      )}
    </Filter>
  )
}

const rare = [
  'source',
  'period',
  'nsfw',
  'task',
  'creator',
  'tag',
  'commercial',
  'installed',
  'favorite',
] as const

function MoreFilters({ search, go, facets }: FiltersProps) {
  const { data: me } = useSuspenseQuery(meQuery)
  const number = rare.filter((key) => search[key] !== undefined).length
  const choose = (key: keyof ModelsSearch) => (value: string) =>
    go({ [key]: value === '' ? undefined : value })
  return (
    <FiltersButton number={number}>
      <div className="flex flex-wrap gap-2">
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
      </div>
      <Select label="Source" value={search.source} onChoose={choose('source')}>
        <option value="">All sources</option>
        {Object.entries(sources).map(([value, name]) => (
          <option key={value} value={value}>
            {withCount(name, facets?.source.find((each) => each.value === value)?.count)}
          </option>
        ))}
      </Select>
      <Select label="Published" value={search.period} onChoose={choose('period')}>
        <option value="">Any time</option>
        <Options of={periods} />
      </Select>
      <Select
        label="Rating"
        value={search.nsfw}
        onChoose={choose('nsfw')}
        hint={
          <>
            For this search. Yours for all is in{' '}
            <Link to="/settings" className="text-accent underline">
              Settings
            </Link>
            .
          </>
        }
      >
        <option value="">As in Settings: {levels[me.maxNsfw]}</option>
        <Options of={levels} />
      </Select>
      <Select label="Task at Hugging Face" value={search.task} onChoose={choose('task')}>
        <option value="">Any</option>
        <Options of={tasks} />
        {search.task !== undefined && !Object.hasOwn(tasks, search.task) && (
          <option value={search.task}>{search.task}</option>
        )}
      </Select>
      <Written label="Creator" value={search.creator} onWrite={choose('creator')} />
      <Written label="Tag" value={search.tag} onWrite={choose('tag')} />
    </FiltersButton>
  )
}

function Select({
  label,
  value,
  hint,
  onChoose,
  children,
}: {
  label: string
  value: string | undefined
  hint?: ReactNode
  onChoose: (value: string) => void
  children: ReactNode
}) {
  return (
    <SelectField
      label={label}
      hint={hint}
      value={value ?? ''}
      onChange={({ target }) => onChoose(target.value)}
    >
      {children}
    </SelectField>
  )
}

/** A name that has to be right: it is asked for when it is complete. */
function Written({
  label,
  value = '',
  onWrite,
}: {
  label: string
  value: string | undefined
  onWrite: (text: string) => void
}) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  return (
    <TextField
      label={label}
      value={text}
      maxLength={100}
      onChange={({ target }) => setText(target.value)}
      onBlur={() => text.trim() !== value && onWrite(text.trim())}
      onKeyDown={({ key }) => key === 'Enter' && onWrite(text.trim())}
    />
  )
}
