import sharp from 'sharp'
import { thumbnailSizes } from '@easel/contracts'

export type Encoded = { size: number; data: Buffer; width: number; height: number }
export type ThumbnailImages = { width: number; height: number; images: Encoded[] }

/** A picture of more is refused before it is decoded. */
export const maxPixels = 64_000_000

const timeoutSeconds = 20

/** Settings of libvips for the whole process: two pictures at a time on one thread each beat one on many. */
export function prepareSharp(): void {
  sharp.concurrency(1)
  sharp.cache(false)
}

/**
 * WebP in each of the sizes (ascending), never larger than the picture; of an animation the first frame. A size that a
 * smaller one already fills comes along with it. The bytes must be known to be a raster image: what libvips would take
 * for SVG must not come here.
 */
export async function thumbnailImages(bytes: Buffer, sizes: readonly number[]): Promise<ThumbnailImages> {
  const options = { limitInputPixels: maxPixels, failOn: 'error', pages: 1, sequentialRead: true } as const
  const { autoOrient } = await sharp(bytes, options).metadata()
  const { width, height } = autoOrient
  const images: Encoded[] = []
  for (const size of sizes) {
    if (images.some((image) => image.size === size)) continue
    const { data, info } = await sharp(bytes, options)
      .autoOrient()
      .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .webp({ quality: 80, effort: 2 })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer({ resolveWithObject: true })
    const fills = thumbnailSizes.filter(
      (each) => each === size || (each > size && Math.max(width, height) <= size),
    )
    images.push(...fills.map((each) => ({ size: each, data, width: info.width, height: info.height })))
  }
  return { width, height, images }
}
