import sharp from 'sharp'
import type { Raster } from './png.ts'
import { PythonError } from './values.ts'

/** Pictures are decoded and converted by sharp; the hot path of tiny PNG files never comes here. */
export async function decodePicture(path: string): Promise<{ picture: Raster; alpha?: Raster }> {
  const source = sharp(path, { limitInputPixels: 16384 * 16384 }).rotate()
  const { data, info } = await source
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => {
      throw new PythonError('PIL.UnidentifiedImageError', `cannot identify image file '${path}'\n`)
    })
  const { hasAlpha } = await sharp(path).metadata()
  const { width, height } = info
  const picture = new Uint8Array(width * height * 3)
  const alpha = new Uint8Array(width * height)
  for (let at = 0; at < alpha.length; at++) {
    picture.set(data.subarray(at * 4, at * 4 + 3), at * 3)
    alpha[at] = data[at * 4 + 3]!
  }
  return {
    picture: { width, height, channels: 3, data: picture },
    ...(hasAlpha && { alpha: { width, height, channels: 1, data: alpha } }),
  }
}

export async function encodePicture(
  { width, height, channels, data }: Raster,
  format: 'jpeg' | 'webp' | 'png',
  quality = 90,
): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels } }).toFormat(format, { quality }).toBuffer()
}

type Wanted = { preview: string | null; channel: string | null }

/** The `preview` and `channel` variants of `/view`. */
export async function convertPicture(
  bytes: Buffer,
  { preview, channel }: Wanted,
): Promise<{ bytes: Buffer; type: string }> {
  if (preview !== null) {
    const [name, quality] = preview.split(';')
    const format = name === 'jpeg' ? 'jpeg' : 'webp'
    const source = format === 'jpeg' ? sharp(bytes).flatten() : sharp(bytes)
    const converted = await source
      .toFormat(format, {
        quality: /^\d+$/.test(quality ?? '') ? Math.max(1, Math.min(100, Number(quality))) : 90,
      })
      .toBuffer()
    return { bytes: converted, type: `image/${format}` }
  }
  if (channel === 'rgb')
    return { bytes: await sharp(bytes).removeAlpha().png().toBuffer(), type: 'image/png' }
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  for (let at = 0; at < data.length; at += 4) data.fill(0, at, at + 3)
  return {
    bytes: await sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } })
      .png()
      .toBuffer(),
    type: 'image/png',
  }
}

/** The original's colours with the mask's transparency. */
export async function withAlphaOf(original: Buffer, mask: Buffer): Promise<Buffer> {
  const { width, height } = await sharp(original).metadata()
  const alpha = await sharp(mask)
    .ensureAlpha()
    .resize(width, height, { fit: 'fill' })
    .extractChannel('alpha')
    .raw()
    .toBuffer()
  return sharp(await sharp(original).removeAlpha().raw().toBuffer(), { raw: { width, height, channels: 3 } })
    .joinChannel(alpha, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
}
