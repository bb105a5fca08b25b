import { inflateSync } from 'node:zlib'
import { latin1, utf8, viewOf, type ByteSource } from './byte-source.ts'
import { maxSteps, maxTagBytes, type TextTag } from './text-tags.ts'

/**
 * `tEXt`, `zTXt` and `iTXt` chunks (PNG, third edition, 11.3.3), also those after the picture; and `comf`, the
 * private chunk of the same form in ComfyUI's animated PNGs.
 */
export async function pngTags(source: ByteSource): Promise<TextTag[]> {
  const tags: TextTag[] = []
  let offset = 8
  for (let step = 0; step < maxSteps && offset + 12 <= source.size; step++) {
    const head = await source.read(offset, 8)
    if (head.length < 8) break
    const length = viewOf(head).getUint32(0)
    const type = latin1(head.subarray(4))
    if (type === 'IEND') break
    if (['tEXt', 'zTXt', 'iTXt', 'comf'].includes(type) && length <= maxTagBytes) {
      const tag = readChunk(type, await source.read(offset + 8, length))
      if (tag) tags.push(tag)
    }
    offset += 12 + length
  }
  return tags
}

function readChunk(type: string, data: Uint8Array): TextTag | undefined {
  const end = data.indexOf(0)
  if (end < 1 || end > 79) return undefined
  const key = latin1(data.subarray(0, end))
  const rest = data.subarray(end + 1)
  if (type === 'tEXt' || type === 'comf') return { key, text: utf8OrLatin1(rest) }
  if (type === 'zTXt') return tagOf(key, inflated(rest.subarray(1)))
  // Compression flag and method, language, translated key: only the flag matters here.
  const language = rest.indexOf(0, 2)
  const translated = language < 0 ? -1 : rest.indexOf(0, language + 1)
  if (translated < 0) return undefined
  const body = rest.subarray(translated + 1)
  return tagOf(key, rest[0] === 1 ? inflated(body) : body)
}

function tagOf(key: string, text: Uint8Array | undefined): TextTag | undefined {
  return text && { key, text: utf8(text) }
}

function inflated(data: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(data, { maxOutputLength: maxTagBytes })
  } catch {
    return undefined // broken, or a bomb
  }
}

/** The format says Latin-1; some writers put UTF-8 there all the same. */
function utf8OrLatin1(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return latin1(bytes)
  }
}
