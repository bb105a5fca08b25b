import { useNavigate, useSearch } from '@tanstack/react-router'
import { Images, Star, Trash2, X } from 'lucide-react'
import { useCallback, useEffect, useRef } from 'react'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { deleteAssets, updateAssets } from './asset-actions.ts'
import { useAssets } from './assets.ts'
import { Filters } from './filters.tsx'
import { isFiltered } from './gallery-search.ts'
import { Grid } from './grid.tsx'
import { LightBox } from './light-box.tsx'
import { useSelection } from './selection.ts'
import type { AssetView } from '@easel/client'
import type { GallerySearch } from './gallery-search.ts'
import type { Selection } from './selection.ts'

/** So near the top the reader sees new ones come in. */
const topPx = 120

export function GalleryPage() {
  const search = useSearch({ from: '/studio/gallery' })
  const navigate = useNavigate({ from: '/gallery' })
  const scroller = useRef<HTMLElement | null>(null)
  useEffect(() => {
    scroller.current = document.querySelector('#view')
  }, [])
  const follow = useCallback(() => (scroller.current?.scrollTop ?? 0) < topPx, [])
  const {
    items,
    held,
    showHeld,
    data,
    error,
    isPending,
    refetch,
    hasNextPage,
    isFetchingNextPage,
    fetchNextPage,
  } = useAssets(search, follow)
  const selection = useSelection(items.map(({ id }) => id))
  const go = useCallback(
    (change: Partial<Record<keyof GallerySearch, unknown>>, replace = true) =>
      void navigate({ search: (before) => ({ ...before, ...change }) as GallerySearch, replace }),
    [navigate],
  )
  const open = useCallback((id: string) => go({ asset: id }, false), [go])
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const toTop = () => {
    scroller.current?.scrollTo({ top: 0 })
    showHeld()
  }
  return (
    <Page title="Gallery" wide>
      <Filters search={search} go={go} />
      {selection.ids.size > 0 && <SelectionBar selection={selection} assets={items} />}
      {held > 0 && (
        <div className="sticky top-2 z-10 flex justify-center" role="status">
          <Button look="primary" small className="rounded-full shadow-raised" onClick={toTop}>
            {count(held, 'new result')}
          </Button>
        </div>
      )}
      {isPending && <Loading rows={4} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && items.length === 0 && <Nothing search={search} clear={() => void navigate({ search: {} })} />}
      {items.length > 0 && (
        <Grid assets={items} selection={selection} scroller={scroller} onOpen={open} onEnd={onEnd} />
      )}
      {search.asset !== undefined && (
        <LightBox
          id={search.asset}
          assets={items}
          onShow={(id) => go({ asset: id })}
          onClose={() => go({ asset: undefined })}
          onEnd={onEnd}
        />
      )}
    </Page>
  )
}

function Nothing({ search, clear }: { search: GallerySearch; clear: () => void }) {
  if (isFiltered(search)) {
    return (
      <Empty title="Nothing fits these filters" action={<Button onClick={clear}>Clear the filters</Button>}>
        Every picture, film and sound of this space is searched.
      </Empty>
    )
  }
  return (
    <Empty title="Nothing has been made here yet" icon={<Images size={28} strokeWidth={1.5} />}>
      What jobs make appears here by itself, whoever ran them and from where.
    </Empty>
  )
}

function SelectionBar({ selection, assets }: { selection: Selection; assets: readonly AssetView[] }) {
  const chosen = assets.filter(({ id }) => selection.ids.has(id))
  const all = chosen.every(({ favorite }) => favorite)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) selection.clear()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [selection])
  return (
    <div
      className="sticky top-2 z-10 flex flex-wrap items-center gap-2 rounded-panel border bg-raised p-2 pl-4 shadow-raised"
      role="toolbar"
      aria-label="Selection"
    >
      <span className="mr-auto font-medium">{count(chosen.length, 'item')} selected</span>
      <Button
        small
        icon={<Star size={15} aria-hidden />}
        onClick={() => void updateAssets(chosen, { favorite: !all })}
      >
        {all ? 'Unmark' : 'Favourite'}
      </Button>
      <Button
        small
        look="danger"
        icon={<Trash2 size={15} aria-hidden />}
        onClick={() => {
          deleteAssets(chosen)
          selection.clear()
        }}
      >
        Delete
      </Button>
      <Button
        small
        look="quiet"
        icon={<X size={16} aria-hidden />}
        aria-label="Select nothing"
        onClick={selection.clear}
      />
    </div>
  )
}
