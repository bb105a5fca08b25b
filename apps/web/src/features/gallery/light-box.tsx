import { Dialog } from '@base-ui/react/dialog'
import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight, Download, Info, Star, Trash2, X } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Failure } from '../../ui/states.tsx'
import { deleteAssets, download, updateAssets } from './asset-actions.ts'
import { Details } from './details.tsx'
import { nameOfAsset } from './tile.tsx'
import { Zoom } from './zoom.tsx'
import type { ReactNode } from 'react'
import type { AssetView } from '@easel/client'

type LightBoxProps = {
  id: string
  assets: readonly AssetView[]
  onShow: (id: string) => void
  onClose: () => void
  /** The last one that is known is near. */
  onEnd: () => void
}

const near = 5

/** One asset as large as the window allows. Arrows, Escape, F (favourite), D (download), I (details), Delete. */
export function LightBox({ id, assets, onShow, onClose, onEnd }: LightBoxProps) {
  const index = assets.findIndex((asset) => asset.id === id)
  const { data, error } = useQuery({ queryKey: ['asset', id], queryFn: () => easel.assets.get(id) })
  const asset: AssetView | undefined = assets[index] ?? data
  const [withDetails, setWithDetails] = useState(() => matchMedia('(min-width: 1200px)').matches)
  const before = index > 0 ? assets[index - 1] : undefined
  const after = index >= 0 ? assets[index + 1] : undefined
  useEffect(() => {
    if (index >= assets.length - near) onEnd()
  }, [index, assets.length, onEnd])
  const remove = () => {
    if (!asset) return
    const next = after ?? before
    if (next) onShow(next.id)
    else onClose()
    deleteAssets([asset])
  }
  const keys: Record<string, () => void> = {
    ArrowLeft: () => before && onShow(before.id),
    ArrowRight: () => after && onShow(after.id),
    f: () => asset && void updateAssets([asset], { favorite: !asset.favorite }),
    d: () => asset && download(asset),
    i: () => setWithDetails((shown) => !shown),
    Delete: remove,
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = keys[event.key] ?? keys[event.key.toLowerCase()]
    if (!act) return
    event.preventDefault()
    act()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Popup
          aria-label={asset ? nameOfAsset(asset).slice(0, 120) : 'Picture'}
          onKeyDown={onKeyDown}
          className="fixed inset-0 z-40 flex bg-canvas outline-none max-lg:flex-col"
        >
          <div className="relative min-h-0 min-w-0 flex-1 overflow-hidden">
            {error && !asset && <Failure error={error} />}
            {asset && <Content key={asset.id} asset={asset} />}
            <Arrow side="left" target={before} onShow={onShow} />
            <Arrow side="right" target={after} onShow={onShow} />
            <div className="absolute top-2 right-2 flex gap-1 rounded-panel border bg-panel/90 p-1">
              {asset && (
                <>
                  <Tool
                    label={asset.favorite ? 'No favourite any more (F)' : 'Favourite (F)'}
                    icon={<Star size={17} fill={asset.favorite ? 'currentColor' : 'none'} aria-hidden />}
                    act={keys['f']!}
                    pressed={asset.favorite}
                  />
                  <Tool label="Download (D)" icon={<Download size={17} aria-hidden />} act={keys['d']!} />
                  <Tool label="Delete (Del)" icon={<Trash2 size={17} aria-hidden />} act={remove} />
                  <Tool
                    label="Details (I)"
                    icon={<Info size={17} aria-hidden />}
                    act={keys['i']!}
                    pressed={withDetails}
                  />
                </>
              )}
              <Tool label="Close (Esc)" icon={<X size={17} aria-hidden />} act={onClose} />
            </div>
          </div>
          {withDetails && asset && (
            <aside
              aria-label="Details"
              className="shrink-0 overflow-y-auto border-line bg-panel max-lg:h-1/2 max-lg:border-t lg:w-96 lg:border-l"
            >
              <Details asset={asset} detail={data} />
            </aside>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Tool({
  label,
  icon,
  act,
  pressed,
}: {
  label: string
  icon: ReactNode
  act: () => void
  pressed?: boolean
}) {
  return (
    <Button
      small
      look="quiet"
      icon={icon}
      aria-label={label}
      aria-pressed={pressed}
      onClick={act}
      className={clsx(pressed && 'text-accent!')}
    />
  )
}

function Arrow({
  side,
  target,
  onShow,
}: {
  side: 'left' | 'right'
  target: AssetView | undefined
  onShow: (id: string) => void
}) {
  if (!target) return null
  const Icon = side === 'left' ? ChevronLeft : ChevronRight
  return (
    <button
      type="button"
      aria-label={side === 'left' ? 'The one before' : 'The next one'}
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

function Content({ asset }: { asset: AssetView }) {
  const { kind, url } = asset
  const name = nameOfAsset(asset)
  if (kind === 'image' || kind === 'animation') return <Zoom asset={asset} alt={name} />
  if (kind === 'video') {
    return <video src={url} controls autoPlay loop className="size-full object-contain" aria-label={name} />
  }
  if (kind === 'audio') {
    return (
      <div className="grid size-full place-items-center p-6">
        <audio src={url} controls className="w-full max-w-lg" aria-label={name} />
      </div>
    )
  }
  return (
    <pre className="size-full overflow-auto p-6 pt-16 font-mono text-sm whitespace-pre-wrap">
      {asset.text ?? 'This kind of file has no view. It can be downloaded.'}
    </pre>
  )
}
