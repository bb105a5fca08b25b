import { Box, FileText, ImageOff, Music } from 'lucide-react'
import { useEffect, useState } from 'react'
import { clock } from './clock.ts'
import { isGiven } from '../../lib/given.ts'
import { thumbnailsOf } from './thumbnails.ts'
import type { AssetView } from '@easel/client'

const icons: Partial<Record<AssetView['kind'], typeof Box>> = {
  audio: Music,
  text: FileText,
  image: ImageOff,
}
/** A pointer that only passes by starts no film. */
const restMs = 150

/** What a tile shows; its name is that of its button. `moving`: a pointer is on it. */
export function Picture({ asset, width, moving }: { asset: AssetView; width: number; moving: boolean }) {
  if (asset.thumbnail !== 'ready') return <Placeholder asset={asset} />
  const { src, srcSet } = thumbnailsOf(asset)
  return (
    <>
      <img
        src={src}
        srcSet={srcSet}
        sizes={`${Math.ceil(width)}px`}
        alt=""
        decoding="async"
        draggable={false}
        className="size-full object-cover"
      />
      {moving && (asset.kind === 'video' || asset.kind === 'animation') && <Film asset={asset} />}
      {asset.kind === 'video' && (
        <Badge>{isGiven(asset.durationSeconds) ? clock(asset.durationSeconds) : 'Video'}</Badge>
      )}
      {asset.kind === 'animation' && <Badge>Anim</Badge>}
    </>
  )
}

function Badge({ children }: { children: string }) {
  return (
    <span className="nums absolute right-1.5 bottom-1.5 rounded-[4px] bg-black/60 px-1 py-0.5 text-xs font-medium text-white">
      {children}
    </span>
  )
}

/** The film itself over its picture, once the pointer rests. */
function Film({ asset }: { asset: AssetView }) {
  const [rests, setRests] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setRests(true), restMs)
    return () => clearTimeout(timer)
  }, [])
  if (!rests) return null
  const look = 'absolute inset-0 size-full object-cover'
  if (asset.kind === 'animation') return <img src={asset.url} alt="" draggable={false} className={look} />
  return <video src={asset.url} muted loop autoPlay playsInline className={look} />
}

function Placeholder({ asset }: { asset: AssetView }) {
  const { kind, text, filename, thumbnail, durationSeconds } = asset
  if (kind === 'text' && text) {
    return (
      <span
        dir="auto"
        className="block size-full overflow-hidden bg-panel p-2.5 text-left text-xs whitespace-pre-wrap text-ink-2"
      >
        {text.slice(0, 600)}
      </span>
    )
  }
  const Icon = icons[kind] ?? Box
  return (
    <span className="flex size-full flex-col items-center justify-center gap-1.5 p-2 text-ink-2">
      {thumbnail !== 'pending' && <Icon size={22} strokeWidth={1.5} aria-hidden />}
      <span className="line-clamp-2 max-w-full text-xs" dir="auto">
        {thumbnail === 'pending' ? 'Being prepared' : (filename ?? kind)}
      </span>
      {isGiven(durationSeconds) && <span className="nums text-xs text-ink-3">{clock(durationSeconds)}</span>}
    </span>
  )
}
