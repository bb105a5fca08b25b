import sharp from 'sharp'
import { thumbnailSizes } from '@easel/contracts'

export type Encoded = { size: number; data: Buffer; width: number; height: number }
export type ThumbnailImages = { width: number; height: number; images: Encoded[] }

/** A picture of more is refused before it is decoded. */
export const maxPixels = 64_000_000

const timeoutSeconds = 20
const largest = Math.max(...thumbnailSizes)

/** Settings of libvips for the whole process: two pictures at a time on one thread each beat one on many. */
export function prepareSharp(): void {
  sharp.concurrency(1)
  sharp.cache(false)
}

/**
 * WebP in each size, never larger than the picture; of an animation the first frame. Decodes once. The bytes must be
 * known to be a raster image: what libvips would take for SVG must not come here.
 */
export async function thumbnailImages(bytes: Buffer): Promise<ThumbnailImages> {
  const source = sharp(bytes, {
    limitInputPixels: maxPixels,
    failOn: 'error',
    pages: 1,
    sequentialRead: true,
  })
  const { autoOrient } = await source.metadata()
  const { data, info } = await source
    .autoOrient()
    .resize({ width: largest, height: largest, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .timeout({ seconds: timeoutSeconds })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const images: Encoded[] = []
  for (const size of thumbnailSizes) {
    const smaller = images.at(-1)
    // A small picture is the same in every size from its own on.
    const same = smaller !== undefined && Math.max(width, height) <= smaller.size
    if (same) {
      images.push({ ...smaller, size })
      continue
    }
    const encoded = await sharp(data, { raw: { width, height, channels } })
      .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80, effort: 2 })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer({ resolveWithObject: true })
    images.push({ size, data: encoded.data, width: encoded.info.width, height: encoded.info.height })
  }
  return { width: autoOrient.width, height: autoOrient.height, images }
}
