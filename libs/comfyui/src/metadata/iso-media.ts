import { latin1, utf8, viewOf, type ByteSource } from './byte-source.ts'
import { maxSteps, maxTagBytes, type TextTag } from './text-tags.ts'

type Box = { type: string; start: number; end: number }
type Walk = { source: ByteSource; steps: number }

/**
 * Tags of MP4 and MOV: `moov/udta/meta` or `moov/meta` with `keys` and `ilst` (QuickTime metadata, what FFmpeg
 * writes with `use_metadata_tags`), and iTunes-like `ilst` items with names of their own.
 */
export async function isoMediaTags(source: ByteSource): Promise<TextTag[]> {
  const walk = { source, steps: 0 }
  const tags: TextTag[] = []
  for (const moov of await boxes(walk, { start: 0, end: source.size }, 'moov')) {
    const metas = await boxes(walk, moov, 'meta')
    for (const udta of await boxes(walk, moov, 'udta')) metas.push(...(await boxes(walk, udta, 'meta')))
    for (const meta of metas) tags.push(...(await metaTags(walk, meta)))
  }
  return tags
}

async function metaTags(walk: Walk, meta: Box): Promise<TextTag[]> {
  // ISO has version and flags before the children, QuickTime has not.
  const peek = await walk.source.read(meta.start + 4, 4)
  const inside = { start: latin1(peek) === 'hdlr' ? meta.start : meta.start + 4, end: meta.end }
  const [keysBox] = await boxes(walk, inside, 'keys')
  const [ilst] = await boxes(walk, inside, 'ilst')
  if (!ilst) return []
  const keys = keysBox ? await keyNames(walk, keysBox) : []
  const tags: TextTag[] = []
  for (const item of await boxes(walk, ilst)) {
    const key = (await itemName(walk, item)) ?? keys[numberOf(item.type) - 1] ?? item.type
    const [data] = await boxes(walk, item, 'data')
    if (!data || data.end - data.start - 8 > maxTagBytes) continue
    // Type and locale come first.
    tags.push({ key, text: utf8(await walk.source.read(data.start + 8, data.end - data.start - 8)) })
  }
  return tags
}

async function keyNames(walk: Walk, { start, end }: Box): Promise<string[]> {
  const data = await walk.source.read(start, Math.min(end - start, 2 ** 20))
  const names: string[] = []
  let offset = 8
  while (offset + 8 <= data.length && names.length < maxSteps) {
    const size = viewOf(data).getUint32(offset)
    if (size < 8) break
    names.push(utf8(data.subarray(offset + 8, offset + size)))
    offset += size
  }
  return names
}

/** `----` items: the name lies in a box beside the data. */
async function itemName(walk: Walk, item: Box): Promise<string | undefined> {
  if (item.type !== '----') return undefined
  const [name] = await boxes(walk, item, 'name')
  return name && utf8(await walk.source.read(name.start + 4, Math.min(name.end - name.start - 4, 1_000)))
}

/** Boxes directly inside (ISO/IEC 14496-12, 4.2); `start` and `end` of what they hold. */
async function boxes(walk: Walk, { start, end }: Omit<Box, 'type'>, wanted?: string): Promise<Box[]> {
  const found: Box[] = []
  let offset = start
  while (offset + 8 <= end && walk.steps++ < maxSteps) {
    const head = await walk.source.read(offset, 16)
    if (head.length < 8) break
    const view = viewOf(head)
    const type = latin1(head.subarray(4, 8))
    let size = view.getUint32(0)
    let header = 8
    if (size === 1 && head.length === 16) {
      size = Number(view.getBigUint64(8))
      header = 16
    } else if (size === 0) size = end - offset
    if (size < header || offset + size > end) break
    if (wanted === undefined || type === wanted)
      found.push({ type, start: offset + header, end: offset + size })
    offset += size
  }
  return found
}

const numberOf = (type: string) => Buffer.from(type, 'latin1').readUInt32BE(0)
