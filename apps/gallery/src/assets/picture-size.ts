import { imageSize } from '@easel/comfyui'

export type PictureSize = { width: number | null; height: number | null }

/** Headers may claim up to 2^32 - 1, which is neither true nor a Postgres integer. */
const maxSide = 1_000_000

/** As columns take it: nothing is known of what cannot be. */
export function pictureSize({ width, height }: Partial<PictureSize> = {}): PictureSize {
  const isSide = (side: number | null | undefined): side is number => !!side && side > 0 && side <= maxSide
  return isSide(width) && isSide(height) ? { width, height } : { width: null, height: null }
}

export const sizeOfHead = (head: Uint8Array): PictureSize => pictureSize(imageSize(head))
