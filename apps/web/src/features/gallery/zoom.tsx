import { Minus, Plus } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { nameOfAsset } from './asset-name.ts'
import { thumbnailOf } from './thumbnails.ts'
import { useGestures } from './zoom-gestures.ts'
import { fitOf, whole, zoomed } from './zoom-view.ts'
import type { AssetView } from '@easel/client'
import type { Size, Swipe, View } from './zoom-view.ts'

/** Nearer than this, single pixels are meant to be seen. */
const pixelated = 3
const step = 1.5

/** A picture that fits; the wheel, a double click, two fingers, `+` and `-` come nearer, dragging moves. */
export function Zoom({ asset, onSwipe }: { asset: AssetView; onSwipe: (swipe: Swipe) => void }) {
  const stage = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View>(whole)
  const [natural, setNatural] = useState<Size>()
  const [broken, setBroken] = useState(false)
  const picture = natural ?? { width: asset.width ?? 0, height: asset.height ?? 0 }
  const sizes = () => ({ frame: sizeOf(stage.current!), picture })
  const gestures = useGestures({ stage, view, setView, sizes, onSwipe })
  const nearer = (factor: number) =>
    setView((before) => zoomed(before, { factor, point: { x: 0, y: 0 } }, sizes()))
  useZoomKeys({ isNear: view.scale > 1, nearer, reset: () => setView(whole) })
  const pixel = stage.current ? fitOf(sizeOf(stage.current), picture) * view.scale : 1
  const { x, y } = view.scale === 1 ? gestures.swiped : view
  return (
    <div
      ref={stage}
      className={clsx(
        'size-full touch-none overflow-hidden',
        view.scale > 1 ? 'cursor-grab' : 'cursor-zoom-in',
      )}
      {...gestures.handlers}
    >
      <div
        className={clsx('relative size-full', !gestures.isHeld && 'transition-transform duration-100')}
        style={{ transform: `translate(${x}px, ${y}px) scale(${view.scale})` }}
      >
        {!natural && asset.thumbnail === 'ready' && (
          <img
            src={thumbnailOf(asset, 512)}
            alt=""
            draggable={false}
            className="absolute inset-0 size-full object-contain"
          />
        )}
        <img
          src={asset.url}
          alt={nameOfAsset(asset).slice(0, 1_000)}
          draggable={false}
          decoding="async"
          onLoad={({ currentTarget }) =>
            setNatural({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
          }
          onError={() => setBroken(true)}
          className={clsx('absolute inset-0 size-full object-contain text-transparent', broken && 'hidden')}
          style={pixel >= pixelated ? { imageRendering: 'pixelated' } : undefined}
        />
      </div>
      {broken && (
        <p className="absolute inset-0 grid place-items-center p-8 text-center text-ink-2">
          This browser cannot show the picture. It can be downloaded.
        </p>
      )}
      {view.scale > 1 && (
        <div className="absolute bottom-3 left-1/2 flex -translate-x-1/2 items-center rounded-panel border bg-panel/90 p-0.5">
          <Button
            small
            look="quiet"
            icon={<Minus size={16} aria-hidden />}
            aria-label="Farther (-)"
            onClick={() => nearer(1 / step)}
          />
          <Button
            small
            look="quiet"
            title="The whole picture (0)"
            className="nums w-16"
            onClick={() => setView(whole)}
          >
            {Math.round(pixel * 100)} %
          </Button>
          <Button
            small
            look="quiet"
            icon={<Plus size={16} aria-hidden />}
            aria-label="Nearer (+)"
            onClick={() => nearer(step)}
          />
        </div>
      )}
    </div>
  )
}

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement): Size => ({
  width: clientWidth,
  height: clientHeight,
})

type ZoomKeys = { isNear: boolean; nearer: (factor: number) => void; reset: () => void }

/** Heard before the light box: `0` takes a rating away only where the whole picture is seen. */
function useZoomKeys(keys: ZoomKeys): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return
      const { isNear, nearer, reset } = latest.current
      if (event.key === '+' || event.key === '=') nearer(step)
      else if (event.key === '-') nearer(1 / step)
      else if (event.key === '0' && isNear) reset()
      else return
      event.preventDefault()
      event.stopPropagation()
    }
    addEventListener('keydown', onKeyDown, { capture: true })
    return () => removeEventListener('keydown', onKeyDown, { capture: true })
  }, [])
}
