import { latin1, type ByteSource } from './byte-source.ts'
import { vorbisComments } from './audio-tags.ts'
import { maxTagBytes, type TextTag } from './text-tags.ts'

const maxPages = 4_096

/** The comment packet, second of its stream (RFC 3533 for the pages, RFC 7845 for Opus). */
export async function oggTags(source: ByteSource): Promise<TextTag[]> {
  const parts: Uint8Array[] = []
  let offset = 0
  let size = 0
  for (let page = 0; page < maxPages && size <= maxTagBytes; page++) {
    const head = await source.read(offset, 27)
    if (head.length < 27 || latin1(head.subarray(0, 4)) !== 'OggS') break
    const lacing = await source.read(offset + 27, head[26]!)
    const start = offset + 27 + lacing.length
    const length = lacing.reduce((sum, part) => sum + part, 0)
    offset = start + length
    if (page === 0) continue // the first page is the first packet
    // A part shorter than 255 ends the packet.
    const last = lacing.findIndex((part) => part < 255)
    const taken = last < 0 ? length : lacing.subarray(0, last + 1).reduce((sum, part) => sum + part, 0)
    parts.push(await source.read(start, taken))
    size += taken
    if (last >= 0) break
  }
  const packet = Buffer.concat(parts)
  if (latin1(packet.subarray(0, 8)) === 'OpusTags') return vorbisComments(packet.subarray(8))
  return latin1(packet.subarray(1, 7)) === 'vorbis' ? vorbisComments(packet.subarray(7)) : []
}
