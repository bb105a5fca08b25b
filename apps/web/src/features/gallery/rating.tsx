import { Star } from 'lucide-react'
import clsx from 'clsx'
import { updateAssets } from './asset-actions.ts'
import type { AssetView } from '@easel/client'

/** Stars; the one that is set takes the rating away. */
export function Rating({ asset, disabled }: { asset: AssetView; disabled: boolean }) {
  return (
    <div role="group" aria-label="Rating" className="-ml-1 flex gap-0.5">
      {[1, 2, 3, 4, 5].map((rating) => (
        <button
          key={rating}
          type="button"
          disabled={disabled}
          aria-pressed={asset.rating === rating}
          aria-label={`${rating} of 5`}
          title={`${rating} of 5 (${rating})`}
          onClick={() => void updateAssets([asset], { rating: asset.rating === rating ? 0 : rating })}
          className={clsx(
            'rounded-control p-1 enabled:hover:bg-hover',
            asset.rating >= rating ? 'text-accent' : 'text-ink-3',
          )}
        >
          <Star size={18} fill={asset.rating >= rating ? 'currentColor' : 'none'} aria-hidden />
        </button>
      ))}
    </div>
  )
}
