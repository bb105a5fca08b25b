import { deflateSync } from 'node:zlib'
import { chunk, header, scanlines, signature, textChunks, type Raster } from './png.ts'

/** An animated PNG of equal frames, shown for `delayMs` each, for ever. */
export function encodeApng(
  frames: readonly Raster[],
  how: { delayMs: number; level: number; text: readonly (readonly [string, string])[] },
): Buffer {
  const [first] = frames
  if (!first) throw new RangeError('an animation needs a frame')
  const control = Buffer.alloc(8)
  control.writeUInt32BE(frames.length, 0)
  const parts = [signature, chunk('IHDR', header(first)), chunk('acTL', control), ...textChunks(how.text)]
  let sequence = 0
  for (const [index, frame] of frames.entries()) {
    const place = Buffer.alloc(26)
    place.writeUInt32BE(sequence++, 0)
    place.writeUInt32BE(frame.width, 4)
    place.writeUInt32BE(frame.height, 8)
    place.writeUInt16BE(Math.min(65_535, Math.round(how.delayMs)), 20)
    place.writeUInt16BE(1000, 22)
    const pixels = deflateSync(scanlines(frame), { level: how.level })
    parts.push(chunk('fcTL', place))
    if (index === 0) parts.push(chunk('IDAT', pixels))
    else {
      const number = Buffer.alloc(4)
      number.writeUInt32BE(sequence++, 0)
      parts.push(chunk('fdAT', Buffer.concat([number, pixels])))
    }
  }
  return Buffer.concat([...parts, chunk('IEND', Buffer.alloc(0))])
}
