import { Dialog } from '@base-ui/react/dialog'
import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useRef, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { useKeyList } from '../../lib/keys.ts'
import { Failure } from '../../ui/states.tsx'
import { deleteAssets, downloadAssets, updateAssets } from './asset-actions.ts'
import { nameOfAsset } from './asset-name.ts'
import { Content } from './content.tsx'
import { Details } from './details.tsx'
import { lightBoxKeys } from './key-list.ts'
import { LightBoxTools } from './light-box-tools.tsx'
import { usePreload } from './preload.ts'
import type { KeyboardEvent } from 'react'
import type { AssetView } from '@easel/client'
import type { GallerySearch } from './gallery-search.ts'
import type { Swipe } from './zoom-view.ts'

type LightBoxProps = {
  id: string
  assets: readonly AssetView[]
  mayWrite: boolean
  onShow: (id: string) => void
  onClose: () => void
  /** The last one that is known is near. */
  onEnd: () => void
  onFilter: (change: Partial<GallerySearch>) => void
}

const near = 5

/** One asset as large as the window allows. The keys are in the names of its buttons; 1 to 5 rate, 0 takes it back. */
export function LightBox(props: LightBoxProps) {
  const { id, assets, mayWrite, onShow, onClose, onEnd, onFilter } = props
  const index = assets.findIndex((asset) => asset.id === id)
  const { data, error } = useQuery({ queryKey: ['asset', id], queryFn: () => easel.assets.get(id) })
  const asset: AssetView | undefined = assets[index] ?? data
  const [withDetails, setWithDetails] = useState(() => matchMedia('(min-width: 1200px)').matches)
  const before = index > 0 ? assets[index - 1] : undefined
  const after = index >= 0 ? assets[index + 1] : undefined
  const popup = useRef<HTMLDivElement>(null)
  usePreload(before, after)
  useKeyList('Light box', lightBoxKeys)
  useEffect(() => {
    if (index >= 0 && index >= assets.length - near) onEnd()
  }, [index, assets.length, onEnd])

  const show = (target: AssetView | undefined) => target && onShow(target.id)
  const onSwipe = (swipe: Swipe) => {
    if (swipe === 'close') onClose()
    else show(swipe === 'before' ? before : after)
  }
  const rate = (rating: number) => asset && mayWrite && void updateAssets([asset], { rating })
  const keys: Record<string, () => unknown> = {
    arrowleft: () => show(before),
    arrowright: () => show(after),
    d: () => asset && downloadAssets([asset]),
    i: () => setWithDetails((shown) => !shown),
    ...(mayWrite && {
      f: () => asset && updateAssets([asset], { favorite: !asset.favorite }),
      delete: () => {
        if (!asset) return
        const next = after ?? before
        if (next) onShow(next.id)
        else onClose()
        deleteAssets([asset])
      },
    }),
    ...Object.fromEntries([0, 1, 2, 3, 4, 5].map((rating) => [String(rating), () => rate(rating)])),
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as Element).closest('input, textarea, select, video, audio, [role="menu"]')) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = keys[event.key.toLowerCase()]
    if (!act) return
    event.preventDefault()
    act()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Popup
          ref={popup}
          initialFocus={popup}
          aria-label={asset ? nameOfAsset(asset).slice(0, 120) : 'Picture'}
          onKeyDown={onKeyDown}
          className="fixed inset-0 z-40 flex bg-canvas outline-none max-lg:flex-col"
        >
          <div className="relative min-h-0 min-w-0 flex-1 overflow-hidden">
            {error && !asset && <Failure error={error} />}
            {asset && <Content key={asset.id} asset={asset} onSwipe={onSwipe} />}
            <Arrow side="left" target={before} onShow={onShow} />
            <Arrow side="right" target={after} onShow={onShow} />
            <LightBoxTools asset={asset} keys={keys} withDetails={withDetails} onClose={onClose} />
          </div>
          {withDetails && asset && (
            <aside
              aria-label="Details"
              className="shrink-0 overflow-y-auto border-line bg-panel max-lg:h-1/2 max-lg:border-t lg:w-96 lg:border-l"
            >
              <Details key={asset.id} asset={asset} detail={data} mayWrite={mayWrite} onFilter={onFilter} />
            </aside>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

type ArrowProps = { side: 'left' | 'right'; target: AssetView | undefined; onShow: (id: string) => void }

/** Fingers swipe. */
function Arrow({ side, target, onShow }: ArrowProps) {
  if (!target) return null
  const Icon = side === 'left' ? ChevronLeft : ChevronRight
  return (
    <button
      type="button"
      aria-label={side === 'left' ? 'The one before (←)' : 'The next one (→)'}
      title={side === 'left' ? 'The one before (←)' : 'The next one (→)'}
      onClick={() => onShow(target.id)}
      className={clsx(
        'absolute top-1/2 grid size-11 -translate-y-1/2 place-items-center rounded-full border bg-panel/80 text-ink hover:bg-hover',
        side === 'left' ? 'left-2' : 'right-2',
      )}
    >
      <Icon size={22} aria-hidden />
    </button>
  )
}
