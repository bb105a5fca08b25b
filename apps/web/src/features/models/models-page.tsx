import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { useRights } from '../../api/rights.ts'
import { Page } from '../../ui/page.tsx'
import { Segments } from '../../ui/segments.tsx'
import { CollectionsTab } from '../collections/collections-tab.tsx'
import { BundlesTab } from './bundles-tab.tsx'
import { LibraryFile } from './library-file.tsx'
import { LibraryTab } from './library-tab.tsx'
import { ModelDetail } from './model-detail.tsx'
import { readModelName } from './models-search.ts'
import { SearchTab } from './search-tab.tsx'
import { StorageTab } from './storage-tab.tsx'
import { UpdatesTab } from './updates-tab.tsx'
import type { Go, ModelsSearch } from './models-search.ts'
import type { Tab } from './models-words.ts'

export function ModelsPage() {
  const search = useSearch({ from: '/studio/models' })
  const navigate = useNavigate({ from: '/models' })
  const { admin } = useRights()
  const go: Go = useCallback(
    (change, replace = true) =>
      void navigate({ search: (before) => ({ ...before, ...change }) as ModelsSearch, replace }),
    [navigate],
  )
  const tab: Tab = search.tab ?? 'search'
  const shown = search.model === undefined ? undefined : readModelName(search.model)
  return (
    <Page
      title="Models"
      wide
      actions={
        <Segments
          label="What of models"
          value={tab}
          choices={[
            { value: 'search', name: 'Search' },
            { value: 'library', name: 'Library' },
            { value: 'collections', name: 'Collections' },
            { value: 'bundles', name: 'Bundles' },
            { value: 'updates', name: 'Updates' },
            ...(admin ? [{ value: 'storage' as const, name: 'Storage' }] : []),
          ]}
          onChoose={(chosen) => void navigate({ search: chosen === 'search' ? {} : { tab: chosen } })}
        />
      }
    >
      {tab === 'search' && <SearchTab search={search} go={go} />}
      {tab === 'library' && <LibraryTab search={search} go={go} />}
      {tab === 'collections' && <CollectionsTab search={search} go={go} />}
      {tab === 'bundles' && <BundlesTab search={search} go={go} />}
      {tab === 'updates' && <UpdatesTab go={go} />}
      {tab === 'storage' && <StorageTab search={search} go={go} />}
      {shown && <ModelDetail name={shown} search={search} go={go} />}
      {!shown && search.file !== undefined && <LibraryFile id={search.file} go={go} />}
    </Page>
  )
}
