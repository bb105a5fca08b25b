import { latin1, viewOf, type ByteSource } from './byte-source.ts'
import { exifTexts } from './exif.ts'
import { maxSteps, maxTagBytes } from './text-tags.ts'

/** Texts of the `EXIF` chunk (RFC 9649); the chunk may come after the picture. */
export async function webpTexts(source: ByteSource): Promise<string[]> {
  let offset = 12
  for (let step = 0; step < maxSteps && offset + 8 <= source.size; step++) {
    const head = await source.read(offset, 8)
    if (head.length < 8) break
    const length = viewOf(head).getUint32(4, true)
    if (latin1(head.subarray(0, 4)) === 'EXIF') {
      return length <= maxTagBytes ? exifTexts(await source.read(offset + 8, length)) : []
    }
    offset += 8 + length + (length % 2)
  }
  return []
}
