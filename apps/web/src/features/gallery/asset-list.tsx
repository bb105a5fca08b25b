import { useCallback, useEffect, useMemo, useRef } from 'react'
import { useRouter } from '@tanstack/react-router'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Failure } from '../../ui/states.tsx'
import { useAssets } from './assets.ts'
import { Grid } from './grid.tsx'
import { LightBox } from './light-box.tsx'
import { Nothing } from './nothing.tsx'
import { freshOf, placeOf, rememberPlace } from './places.ts'
import { SelectionBar } from './selection-bar.tsx'
import { useAssetKeys } from './asset-keys.ts'
import { useSelection } from './selection.ts'
import { Skeleton } from './skeleton.tsx'
import { atTopPx } from './window.ts'
import type { GetAssetsQuery } from '@easel/client'
import type { CurrentSpace } from '../../api/space.ts'
import type { GallerySearch, Go } from './gallery-search.ts'
import type { GridHandle } from './grid.tsx'
import type { Place } from './window.ts'

type AssetListProps = { query: GetAssetsQuery; search: GallerySearch; space: CurrentSpace; go: Go }

const isAtTop = () => (document.querySelector('#view')?.scrollTop ?? 0) <= atTopPx

/** What one query finds: the grid, what is chosen of it, and the one that is looked at. */
export function AssetList({ query, search, space, go }: AssetListProps) {
  const name = JSON.stringify(query)
  const { history } = useRouter()
  const list = useAssets(query, isAtTop)
  const { items, held, data, error, hasNextPage, isFetchNextPageError, onEnd } = list
  const order = useMemo(() => items.map(({ id }) => id), [items])
  const selection = useSelection(order)
  const { ids, set, clear } = selection
  const chosen = useMemo(() => items.filter(({ id }) => ids.has(id)), [items, ids])
  const selectAll = useCallback(() => set(order), [set, order])
  const grid = useRef<GridHandle>(null)
  const onKey = useAssetKeys({
    items,
    chosen,
    grid,
    clear,
    selectAll,
    mayWrite: space.canWrite,
    open: search.asset,
  })
  const onPlace = useCallback((place: Place | undefined) => rememberPlace(name, place), [name])
  const fresh = useMemo(() => freshOf(name, order), [name, order])

  const opened = useRef(false)
  const open = useCallback(
    (asset: string) => {
      opened.current = true
      go({ asset }, { push: true })
    },
    [go],
  )
  const close = () => {
    // The way back is the one that Back goes, too.
    if (opened.current) history.back()
    else go({ asset: undefined })
    opened.current = false
  }
  useReturn(search.asset, (id) => grid.current?.focus(id))
  const toTop = () => {
    document.querySelector('#view')?.scrollTo({ top: 0 })
    list.showHeld()
  }
  return (
    <>
      <div className="relative">
        {held > 0 && (
          <div className="sticky top-3 z-10 flex h-0 justify-center" role="status">
            <Button look="primary" small className="rounded-full shadow-raised" onClick={toTop}>
              {count(held, 'new result')}
            </Button>
          </div>
        )}
        {error && !data && <Failure error={error} retry={() => void list.refetch()} />}
        {!data && !error && <Skeleton />}
        {data && items.length === 0 && !hasNextPage && <Nothing search={search} go={go} space={space} />}
        {items.length > 0 && (
          <Grid
            ref={grid}
            assets={items}
            more={hasNextPage}
            fresh={fresh}
            selection={selection}
            start={placeOf(name)}
            onPlace={onPlace}
            onOpen={open}
            onEnd={onEnd}
            onKey={onKey}
          />
        )}
      </div>
      {isFetchNextPageError && (
        <div className="flex items-center justify-center gap-3 text-ink-2" role="alert">
          The next ones could not be read.
          <Button small onClick={() => void list.fetchNextPage()}>
            Try again
          </Button>
        </div>
      )}
      {chosen.length > 0 && (
        <SelectionBar
          chosen={chosen}
          loaded={items.length}
          more={hasNextPage}
          mayWrite={space.canWrite}
          selectAll={selectAll}
          clear={clear}
        />
      )}
      {search.asset !== undefined && (
        <LightBox
          id={search.asset}
          assets={items}
          mayWrite={space.canWrite}
          onShow={(asset) => go({ asset })}
          onClose={close}
          onEnd={onEnd}
          onFilter={(change) => go({ asset: undefined, ...change }, { push: true })}
        />
      )}
    </>
  )
}

/** Who closes what was looked at finds its place. */
function useReturn(asset: string | undefined, focus: (id: string) => void): void {
  const last = useRef(asset)
  useEffect(() => {
    const was = last.current
    last.current = asset
    if (asset !== undefined || was === undefined) return
    // After the dialog has given back the focus and the router has put the scroll where it was.
    const frames = [requestAnimationFrame(() => frames.push(requestAnimationFrame(() => focus(was))))]
    return () => frames.forEach((frame) => cancelAnimationFrame(frame))
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only closing counts
  }, [asset])
}
