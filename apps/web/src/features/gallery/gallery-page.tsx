import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { meQuery } from '../../api/queries.ts'
import { useSpace } from '../../api/space.ts'
import { useKeyList } from '../../lib/keys.ts'
import { Page } from '../../ui/page.tsx'
import { AssetList } from './asset-list.tsx'
import { Filters } from './filters.tsx'
import { toQuery } from './gallery-search.ts'
import { galleryKeys } from './key-list.ts'
import { Total } from './total.tsx'
import { UploadArea, UploadButton } from './upload.tsx'
import type { GallerySearch, Go } from './gallery-search.ts'

export function GalleryPage() {
  useKeyList('Gallery', galleryKeys)
  const search = useSearch({ from: '/studio/gallery' })
  const { data: me } = useSuspenseQuery(meQuery)
  const navigate = useNavigate({ from: '/gallery' })
  const space = useSpace()
  const query = { spaceId: space.id, ...toQuery(search, me.id) }
  const go: Go = useCallback(
    (change, { push = false } = {}) =>
      void navigate({
        search: (before) => ({ ...before, ...change }) as GallerySearch,
        replace: !push,
        resetScroll: false,
      }),
    [navigate],
  )
  return (
    <Page
      title="Gallery"
      wide
      actions={
        <>
          <Total space={space} />
          {space.canWrite && <UploadButton session={search.session} />}
        </>
      }
    >
      <Filters search={search} go={go} space={space} me={me.id} />
      <AssetList key={JSON.stringify(query)} query={query} search={search} space={space} go={go} />
      {space.canWrite && <UploadArea session={search.session} />}
    </Page>
  )
}
