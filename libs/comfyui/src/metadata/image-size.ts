import { exifOrientation } from './exif.ts'
import { jpegSegments } from './jpeg.ts'
import { sniffMime } from './sniff.ts'

export type ImageSize = { width: number; height: number }

/**
 * Width and height in pixels as shown (the EXIF rotation of a JPEG respected), from the beginning of a file.
 * PNG, JPEG, WebP, GIF; undefined for others, and when the head given is too short.
 */
export function imageSize(head: Uint8Array): ImageSize | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  switch (sniffMime(head)) {
    case 'image/png':
      return head.length < 24 ? undefined : sized(view.getUint32(16), view.getUint32(20))
    case 'image/gif':
      return head.length < 10 ? undefined : sized(view.getUint16(6, true), view.getUint16(8, true))
    case 'image/webp':
      return webpSize(view)
    case 'image/jpeg':
      return jpegSize(head)
    default:
      return undefined
  }
}

/** RFC 9649: `VP8X` has the canvas, `VP8L` and `VP8 ` the one picture. */
function webpSize(view: DataView): ImageSize | undefined {
  if (view.byteLength < 30) return undefined
  const chunk = view.getUint32(12)
  if (chunk === 0x56503858) return sized(uint24(view, 24) + 1, uint24(view, 27) + 1)
  if (chunk === 0x5650384c) {
    const bits = view.getUint32(21, true)
    return sized((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
  }
  return sized(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff)
}

function jpegSize(head: Uint8Array): ImageSize | undefined {
  let turned = false
  for (const { marker, data } of jpegSegments(head)) {
    if (marker === 0xe1) turned ||= exifOrientation(data) >= 5
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (!isFrame || data.length < 5) continue
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const [height, width] = [view.getUint16(1), view.getUint16(3)]
    return turned ? sized(height, width) : sized(width, height)
  }
  return undefined
}

const uint24 = (view: DataView, offset: number) =>
  view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16)

function sized(width: number, height: number): ImageSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined
}
