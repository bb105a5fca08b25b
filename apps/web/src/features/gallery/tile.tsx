import { Box, Check, FileText, Film, Music, Star } from 'lucide-react'
import clsx from 'clsx'
import { memo, useState } from 'react'
import type { MouseEvent } from 'react'
import type { AssetView } from '@easel/client'

type TileProps = {
  asset: AssetView
  width: number
  height: number
  isSelected: boolean
  /** Something is selected: a click selects, too. */
  selecting: boolean
  onOpen: (id: string) => void
  onSelect: (id: string, range: boolean) => void
}

export const nameOfAsset = ({ prompt, filename, kind }: AssetView): string => prompt || filename || kind

export const Tile = memo(function Tile({
  asset,
  width,
  height,
  isSelected,
  selecting,
  onOpen,
  onSelect,
}: TileProps) {
  const [playing, setPlaying] = useState(false)
  const name = nameOfAsset(asset)
  const isFilm = asset.kind === 'video'
  const onClick = (event: MouseEvent) => {
    if (event.shiftKey || event.ctrlKey || event.metaKey || selecting) onSelect(asset.id, event.shiftKey)
    else onOpen(asset.id)
  }
  return (
    <div
      data-tile
      className={clsx(
        'group relative overflow-hidden rounded-[4px] bg-hover',
        isSelected && 'ring-3 ring-accent',
      )}
      style={{ width, height }}
      onMouseEnter={isFilm ? () => setPlaying(true) : undefined}
      onMouseLeave={isFilm ? () => setPlaying(false) : undefined}
    >
      <button
        type="button"
        onClick={onClick}
        aria-label={`Open ${name.slice(0, 120)}`}
        className="block size-full -outline-offset-2"
      >
        <Picture asset={asset} width={width} playing={playing} />
      </button>
      <button
        type="button"
        role="checkbox"
        aria-checked={isSelected}
        aria-label={`Select ${name.slice(0, 120)}`}
        onClick={(event) => onSelect(asset.id, event.shiftKey)}
        className={clsx(
          'absolute top-1.5 left-1.5 grid size-6 place-items-center rounded-full border border-white/80 text-white transition-opacity',
          isSelected
            ? 'bg-accent text-on-accent'
            : 'bg-black/35 group-hover:opacity-100 focus-visible:opacity-100',
          !isSelected && !selecting && 'opacity-0',
        )}
      >
        {isSelected && <Check size={14} strokeWidth={3} aria-hidden />}
      </button>
      <span className="pointer-events-none absolute right-1.5 bottom-1.5 flex items-center gap-1 text-white drop-shadow-[0_1px_2px_rgb(0_0_0/0.8)]">
        {asset.favorite && <Star size={15} fill="currentColor" aria-label="Favourite" />}
        {isFilm && <Film size={15} aria-label="Video" />}
      </span>
    </div>
  )
})

function Picture({ asset, width, playing }: { asset: AssetView; width: number; playing: boolean }) {
  const name = nameOfAsset(asset)
  if (asset.thumbnail === 'ready') {
    const at = (size: number) => `/api/assets/${asset.id}/thumbnail?size=${size}`
    return (
      <>
        <img
          src={at(512)}
          srcSet={`${at(256)} 256w, ${at(512)} 512w, ${at(1024)} 1024w`}
          sizes={`${Math.ceil(width)}px`}
          alt={name.slice(0, 200)}
          loading="lazy"
          decoding="async"
          draggable={false}
          className="size-full object-cover"
        />
        {playing && (
          <video
            src={asset.url}
            muted
            loop
            autoPlay
            playsInline
            className="absolute inset-0 size-full object-cover"
          />
        )}
      </>
    )
  }
  const Icon = { audio: Music, text: FileText }[asset.kind as string] ?? Box
  return (
    <span className="flex size-full flex-col items-center justify-center gap-1 p-2 text-ink-2">
      <Icon size={22} strokeWidth={1.5} aria-hidden />
      <span className="line-clamp-2 text-xs">
        {asset.thumbnail === 'pending' ? 'Being prepared' : (asset.filename ?? asset.kind)}
      </span>
    </span>
  )
}
