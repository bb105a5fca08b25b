import { latin1, utf8, viewOf, type ByteSource } from './byte-source.ts'
import { maxSteps, maxTagBytes, type TextTag } from './text-tags.ts'

/** Vorbis comments of FLAC (RFC 9639, section 8.6). */
export async function flacTags(source: ByteSource): Promise<TextTag[]> {
  let offset = 4
  for (let step = 0; step < maxSteps && offset + 4 <= source.size; step++) {
    const head = await source.read(offset, 4)
    if (head.length < 4) break
    const length = viewOf(head).getUint32(0) & 0xffffff
    if ((head[0]! & 0x7f) === 4) return vorbisComments(await source.read(offset + 4, length))
    if (head[0]! & 0x80) break
    offset += 4 + length
  }
  return []
}

/** Little-endian lengths: vendor, count, then `KEY=text` each. Also what an Ogg comment packet holds. */
export function vorbisComments(data: Uint8Array): TextTag[] {
  const view = viewOf(data)
  const tags: TextTag[] = []
  if (data.length < 8) return tags
  let offset = 4 + view.getUint32(0, true)
  if (offset + 4 > data.length) return tags
  const count = Math.min(view.getUint32(offset, true), maxSteps)
  offset += 4
  for (let i = 0; i < count && offset + 4 <= data.length; i++) {
    const length = view.getUint32(offset, true)
    const comment = utf8(data.subarray(offset + 4, offset + 4 + length))
    const equals = comment.indexOf('=')
    if (equals > 0)
      tags.push({ key: comment.slice(0, equals).toLowerCase(), text: comment.slice(equals + 1) })
    offset += 4 + length
  }
  return tags
}

/** `TXXX` frames of ID3v2.3 and 2.4, in MP3. */
export async function id3Tags(source: ByteSource): Promise<TextTag[]> {
  const head = await source.read(0, 10)
  if (head.length < 10 || latin1(head.subarray(0, 3)) !== 'ID3') return []
  const data = await source.read(10, Math.min(syncSafe(head, 6), maxTagBytes))
  const tags: TextTag[] = []
  let offset = 0
  while (offset + 10 <= data.length && data[offset] !== 0 && tags.length < maxSteps) {
    const size = head[3] === 4 ? syncSafe(data, offset + 4) : viewOf(data).getUint32(offset + 4)
    if (latin1(data.subarray(offset, offset + 4)) === 'TXXX') {
      const tag = userText(data.subarray(offset + 10, offset + 10 + size))
      if (tag) tags.push(tag)
    }
    offset += 10 + size
  }
  return tags
}

/** Encoding byte, name, zero, text. */
function userText(frame: Uint8Array): TextTag | undefined {
  const decoders = ['latin1', 'utf-16', 'utf-16be', 'utf-8']
  const encoding = decoders[frame[0] ?? -1]
  if (!encoding) return undefined
  const [key, ...texts] = new TextDecoder(encoding).decode(frame.subarray(1)).split('\0')
  return { key: key!, text: texts.join('\0').replace(/^\ufeff|\0+$/g, '') }
}

const syncSafe = (data: Uint8Array, at: number) =>
  (data[at]! << 21) | (data[at + 1]! << 14) | (data[at + 2]! << 7) | data[at + 3]!
