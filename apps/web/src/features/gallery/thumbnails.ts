import type { AssetView } from '@easel/client'

const sizes = [256, 512, 1024] as const

export const thumbnailOf = ({ id }: AssetView, size: (typeof sizes)[number]): string =>
  `/api/assets/${id}/thumbnail?size=${size}`

/** A size is that of the longer side, and no thumbnail is larger than its picture: what a browser is told is the width. */
export function thumbnailsOf(asset: AssetView): { src: string; srcSet: string } {
  const { width, height } = asset
  const longer = Math.max(width ?? 0, height ?? 0)
  const share = width && longer ? width / longer : 1
  const set = sizes
    .filter((_, index) => index === 0 || !longer || longer > sizes[index - 1]!)
    .map(
      (size) =>
        `${thumbnailOf(asset, size)} ${Math.max(1, Math.round(Math.min(size, longer || size) * share))}w`,
    )
  return { src: thumbnailOf(asset, 512), srcSet: set.join(', ') }
}
