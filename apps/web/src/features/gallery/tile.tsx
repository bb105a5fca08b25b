import { Check, Heart } from 'lucide-react'
import clsx from 'clsx'
import { memo, useState } from 'react'
import { nameOfAsset } from './asset-name.ts'
import { Picture } from './picture.tsx'
import type { AssetView } from '@easel/client'

type TileProps = {
  asset: AssetView
  left: number
  top: number
  width: number
  height: number
  isSelected: boolean
  /** The one that Tab leads to. */
  isCurrent: boolean
  /** With a mouse it can be taken elsewhere. */
  canDrag: boolean
}

/** What is pressed is told by `data-press`, heard by the grid: a tile has nothing to be drawn anew for. */
export const Tile = memo(function Tile(props: TileProps) {
  const { asset, left, top, width, height, isSelected, isCurrent, canDrag } = props
  const [moving, setMoving] = useState(false)
  const name = nameOfAsset(asset).slice(0, 120)
  const moves = asset.kind === 'video' || asset.kind === 'animation'
  return (
    <div
      data-tile={asset.id}
      draggable={canDrag}
      className={clsx(
        'group absolute overflow-hidden rounded-[4px] contain-strict',
        isSelected ? 'bg-accent p-1' : 'bg-hover',
      )}
      style={{ left, top, width, height }}
      onMouseEnter={moves ? () => setMoving(true) : undefined}
      onMouseLeave={moves ? () => setMoving(false) : undefined}
    >
      <div className="relative size-full overflow-hidden rounded-[3px] bg-hover" aria-hidden>
        <Picture asset={asset} width={width} moving={moving} />
      </div>
      <button
        type="button"
        data-press="open"
        tabIndex={isCurrent ? 0 : -1}
        aria-label={`Open ${name}`}
        className="absolute inset-0 rounded-[4px] outline-offset-[-3px]! focus-visible:outline-3!"
      />
      <button
        type="button"
        role="checkbox"
        data-press="select"
        tabIndex={-1}
        aria-checked={isSelected}
        aria-label={`Select ${name}`}
        className="absolute top-0 left-0 p-1.5"
      >
        <span
          className={clsx(
            'grid size-6 place-items-center rounded-full border transition-opacity',
            isSelected
              ? 'border-on-accent bg-accent text-on-accent'
              : 'border-white/90 bg-black/40 text-white opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 group-data-[selecting]/grid:opacity-100',
          )}
        >
          {isSelected && <Check size={14} strokeWidth={3} aria-hidden />}
        </span>
      </button>
      {asset.favorite && (
        <Heart
          size={16}
          fill="currentColor"
          aria-label="Favourite"
          className="pointer-events-none absolute top-2 right-2 text-white drop-shadow-[0_1px_2px_rgb(0_0_0/0.8)]"
        />
      )}
    </div>
  )
})
