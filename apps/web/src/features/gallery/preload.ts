import { useEffect } from 'react'
import type { AssetView } from '@easel/client'

/** Larger files are not fetched on a guess. */
const mostBytes = 20_000_000
/** What is looked at comes first. */
const afterMs = 250

/** Has the pictures beside the one that is looked at ready. */
export function usePreload(...assets: readonly (AssetView | undefined)[]): void {
  const urls = assets
    .filter(
      (asset) => asset && (asset.kind === 'image' || asset.kind === 'animation') && asset.bytes <= mostBytes,
    )
    .map((asset) => asset!.url)
    .join(' ')
  useEffect(() => {
    if (urls === '') return
    const timer = setTimeout(() => {
      for (const url of urls.split(' ')) new Image().src = url
    }, afterMs)
    return () => clearTimeout(timer)
  }, [urls])
}
