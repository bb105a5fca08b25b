import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Filter, SearchBox } from '../../ui/search-box.tsx'
import { useFamilyNames } from './families.ts'
import { FiltersButton } from './filters-button.tsx'
import { orders, typeNames } from './models-words.ts'
import type { LibraryStats, ModelCard } from '@easel/client'
import type { ReactNode } from 'react'
import type { Go, ModelsSearch } from './models-search.ts'

export const libraryFilters = ['q', 'folder', 'base', 'type', 'root', 'linked', 'format', 'care'] as const
const rare = ['type', 'linked', 'format', 'root'] as const

type FiltersProps = { search: ModelsSearch; go: Go; stats: LibraryStats | undefined }

export function LibraryFilters({ search, go, stats }: FiltersProps) {
  const nameOf = useFamilyNames()
  const filtered = libraryFilters.filter((key) => key !== 'care' && search[key] !== undefined)
  return (
    <div className="flex flex-wrap items-center gap-2" role="search">
      <SearchBox
        label="Search the library"
        placeholder="Name, title or trigger word …"
        value={search.q ?? ''}
        onChange={(q) => go({ q: q === '' ? undefined : q })}
      />
      <Filter label="Folder" value={search.folder ?? ''} onChoose={(folder) => go({ folder })}>
        <option value="">All folders</option>
        {stats?.folders.map(({ folder, files }) => (
          <option key={folder} value={folder}>
            {folder} ({files})
          </option>
        ))}
      </Filter>
      <Filter label="Family" value={search.base ?? ''} onChoose={(base) => go({ base })}>
        <option value="">All families</option>
        {known(stats?.families).map(({ id, files }) => (
          <option key={id} value={id}>
            {nameOf(id)} ({files})
          </option>
        ))}
      </Filter>
      <Filter label="Order" value={search.order ?? ''} onChoose={(order) => go({ order })}>
        <option value="">By name</option>
        {Object.entries(orders).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </Filter>
      <FiltersButton number={rare.filter((key) => search[key] !== undefined).length}>
        <Rare search={search} go={go} stats={stats} />
      </FiltersButton>
      {filtered.length > 0 && (
        <Button
          small
          look="quiet"
          onClick={() => go(Object.fromEntries(filtered.map((key) => [key, undefined])))}
        >
          Clear
        </Button>
      )}
    </div>
  )
}

function Rare({ search, go, stats }: FiltersProps) {
  const roots = stats?.roots ?? []
  const field = (key: (typeof rare)[number], label: string, choices: ReactNode) => (
    <SelectField
      label={label}
      value={search[key] ?? ''}
      onChange={({ target }) => go({ [key]: target.value === '' ? undefined : target.value })}
    >
      {choices}
    </SelectField>
  )
  return (
    <>
      {field(
        'type',
        'Type',
        <>
          <option value="">All types</option>
          {known(stats?.types).map(({ id, files }) => (
            <option key={id} value={id}>
              {typeNames[id as ModelCard['type']] ?? id} ({files})
            </option>
          ))}
        </>,
      )}
      {field(
        'linked',
        'Catalogue',
        <>
          <option value="">Known and unknown</option>
          <option value="yes">Known to the catalogue</option>
          <option value="no">Unknown</option>
        </>,
      )}
      {field(
        'format',
        'Format',
        <>
          <option value="">All formats</option>
          {known(stats?.formats).map(({ id, files }) => (
            <option key={id} value={id}>
              {id} ({files})
            </option>
          ))}
        </>,
      )}
      {roots.length > 1 &&
        field(
          'root',
          'Place',
          <>
            <option value="">All places</option>
            {roots.map(({ root, files }) => (
              <option key={root} value={root}>
                {root === '' ? 'Models folder' : root} ({files})
              </option>
            ))}
          </>,
        )}
    </>
  )
}

const known = <T extends { id: string }>(groups: readonly T[] | null | undefined): readonly T[] =>
  (groups ?? []).filter(({ id }) => id !== '')
