const maxEntries = 1_000
const maxTextBytes = 32 * 2 ** 20
const orientationTag = 0x0112
const exifFolderTag = 0x8769
const userCommentTag = 0x9286
/** Bytes of one value, by TIFF type 1…12. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]

type Entry = { tag: number; type: number; value: Uint8Array; number: number }

/** 1…8 (TIFF 6.0, Orientation); 1 when it does not say. `data` is an APP1 segment or a WebP `EXIF` chunk. */
export function exifOrientation(data: Uint8Array): number {
  const entry = entriesOf(data).find(({ tag }) => tag === orientationTag)
  return entry && entry.number >= 1 && entry.number <= 8 ? entry.number : 1
}

/** Every text in the EXIF block: ASCII values, and the user comment. ComfyUI uses Make, Model and others. */
export function exifTexts(data: Uint8Array): string[] {
  return entriesOf(data).flatMap(({ tag, type, value }) => {
    if (tag === userCommentTag) return [userComment(value)]
    return type === 2 ? [Buffer.from(value).toString('utf8').replace(/\0+$/, '')] : []
  })
}

/** Entries of the first directory and of the Exif directory in it (TIFF 6.0, section 2). Bounded. */
function entriesOf(data: Uint8Array): Entry[] {
  const tiff = startsWith(data, 'Exif\0\0') ? data.subarray(6) : data
  if (tiff.length < 8) return []
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const little = view.getUint16(0) === 0x4949
  if (!little && view.getUint16(0) !== 0x4d4d) return []
  const first = directory(view, view.getUint32(4, little), little)
  const inner = first.find(({ tag }) => tag === exifFolderTag)
  return inner ? [...first, ...directory(view, inner.number, little)] : first
}

function directory(view: DataView, start: number, little: boolean): Entry[] {
  if (start + 2 > view.byteLength) return []
  const count = Math.min(view.getUint16(start, little), maxEntries)
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) {
    const at = start + 2 + i * 12
    if (at + 12 > view.byteLength) break
    const type = view.getUint16(at + 2, little)
    const length = view.getUint32(at + 4, little) * (typeBytes[type] ?? 0)
    const offset = length <= 4 ? at + 8 : view.getUint32(at + 8, little)
    if (length > maxTextBytes || offset + length > view.byteLength) continue
    entries.push({
      tag: view.getUint16(at, little),
      type,
      value: new Uint8Array(view.buffer, view.byteOffset + offset, length),
      number: type === 3 ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little),
    })
  }
  return entries
}

/** Eight bytes name the encoding (Exif 2.3, UserComment); writers differ in the byte order of UNICODE. */
function userComment(value: Uint8Array): string {
  const body = Buffer.from(value.subarray(8))
  if (!startsWith(value, 'UNICODE')) return body.toString('utf8').replace(/\0+$/, '')
  const big = body.length >= 2 && body[0] === 0
  return (big ? Buffer.from(body.subarray(0, body.length & ~1)).swap16() : body).toString('utf16le')
}

function startsWith(data: Uint8Array, text: string): boolean {
  return Buffer.from(data.subarray(0, text.length)).toString('latin1') === text
}
