import { Music } from 'lucide-react'
import { nameOfAsset } from './asset-name.ts'
import { Zoom } from './zoom.tsx'
import type { AssetView } from '@easel/client'
import type { Swipe } from './zoom-view.ts'

const wantsRest = matchMedia('(prefers-reduced-motion: reduce)')

/** The asset itself, as its kind is looked at or heard. */
export function Content({ asset, onSwipe }: { asset: AssetView; onSwipe: (swipe: Swipe) => void }) {
  const { kind, url, mime } = asset
  const name = nameOfAsset(asset).slice(0, 200)
  if ((kind === 'image' || kind === 'animation') && mime.startsWith('image/'))
    return <Zoom asset={asset} onSwipe={onSwipe} />
  if (kind === 'video') {
    return (
      // eslint-disable-next-line jsx-a11y/media-has-caption -- what is generated has no words to caption
      <video
        src={url}
        poster={asset.thumbnail === 'ready' ? `${asset.thumbnailUrl}?size=1024` : undefined}
        controls
        autoPlay={!wantsRest.matches}
        loop
        playsInline
        className="size-full object-contain"
        aria-label={name}
      />
    )
  }
  if (kind === 'audio') {
    return (
      <div className="flex size-full flex-col items-center justify-center gap-6 p-6">
        <Music size={56} strokeWidth={1} className="text-ink-3" aria-hidden />
        <p className="line-clamp-4 max-w-lg text-center text-lg" dir="auto">
          {name}
        </p>
        <audio src={url} controls className="w-full max-w-lg" aria-label={name} />
      </div>
    )
  }
  if (kind === 'text' && asset.text) {
    return (
      <pre
        dir="auto"
        tabIndex={0}
        className="size-full overflow-auto p-6 pt-16 font-mono text-sm wrap-anywhere whitespace-pre-wrap"
      >
        {asset.text}
      </pre>
    )
  }
  return (
    <p className="grid size-full place-items-center p-6 text-center text-ink-2">
      This kind of file has no view. It can be downloaded.
    </p>
  )
}
