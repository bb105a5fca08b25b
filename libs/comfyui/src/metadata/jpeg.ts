export type JpegSegment = { marker: number; data: Uint8Array }

/** The segments before the picture data (ITU T.81, B.1.1). Stops at the first thing that is no segment. */
export function* jpegSegments(file: Uint8Array): Generator<JpegSegment> {
  let offset = 2
  while (offset + 4 <= file.length) {
    if (file[offset] !== 0xff) return
    const marker = file[offset + 1]!
    if (marker === 0xff) {
      offset += 1 // fill byte
      continue
    }
    if (marker === 0xd9 || marker === 0xda) return
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      offset += 2 // stands alone
      continue
    }
    const length = (file[offset + 2]! << 8) | file[offset + 3]!
    if (length < 2) return
    yield { marker, data: file.subarray(offset + 4, offset + 2 + length) }
    offset += 2 + length
  }
}
