import type { ExampleView } from '@easel/client'

/**
 * CivitAI's pictures in the width they are shown at: `…/<id>/original=true/<name>` is the address of the whole one.
 * Those of others come as they are.
 */
export function pictureAt(url: string, width: number): string {
  return withTransform(url, `width=${width}`)
}

/** A still of one of CivitAI's videos; of others there is none. */
export function posterOf({ url }: ExampleView, width: number): string | undefined {
  const still = withTransform(url, `anim=false,transcode=true,width=${width}`)
  return still === url ? undefined : still.replace(/\.\w+$/, '.jpeg')
}

function withTransform(url: string, transform: string): string {
  return url.replace(
    /^(https:\/\/image\.civitai\.com\/[^/]+\/[^/]+\/)[^/]*=[^/]*(\/[^/]+)$/,
    (_whole, start: string, end: string) => `${start}${transform}${end}`,
  )
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~'

/** The mean colour that a BlurHash begins with, to fill a picture's box until it comes. */
export function meanColour(blurhash: string | null | undefined): string | undefined {
  if (!blurhash || blurhash.length < 6) return undefined
  const places = Array.from(blurhash.slice(2, 6), (digit) => digits.indexOf(digit))
  if (places.includes(-1)) return undefined
  const value = places.reduce((sum, place) => sum * 83 + place, 0)
  return `rgb(${(value >> 16) & 255} ${(value >> 8) & 255} ${value & 255})`
}
