import { utf8, type ByteSource } from './byte-source.ts'
import { maxSteps, maxTagBytes, type TextTag } from './text-tags.ts'

const ids = {
  segment: 0x18538067,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  name: 0x45a3,
  string: 0x4487,
}
const masters: ReadonlySet<number> = new Set([ids.segment, ids.tags, ids.tag, ids.simpleTag])

type Element = { id: number; start: number; end: number }

/** `SimpleTag` names and strings of WebM and MKV (RFC 9559, section 5.1.8), wherever the tags lie. */
export async function matroskaTags(source: ByteSource): Promise<TextTag[]> {
  const tags: TextTag[] = []
  // Elements to look at; one that holds others puts itself back behind its first child.
  const ranges = [{ offset: 0, end: source.size }]
  let name = ''
  for (let step = 0; step < maxSteps && ranges.length > 0; step++) {
    const range = ranges.at(-1)!
    const element = range.offset < range.end ? await elementAt(source, range) : undefined
    if (!element) {
      ranges.pop()
      continue
    }
    range.offset = element.end
    const length = element.end - element.start
    if (masters.has(element.id)) ranges.push({ offset: element.start, end: element.end })
    else if (length <= maxTagBytes && element.id === ids.name) name = await text(source, element)
    else if (length <= maxTagBytes && element.id === ids.string) {
      tags.push({ key: name, text: await text(source, element) })
    }
  }
  return tags
}

const text = async (source: ByteSource, { start, end }: Element) =>
  utf8(await source.read(start, end - start)).replace(/\0+$/, '')

async function elementAt(
  source: ByteSource,
  range: { offset: number; end: number },
): Promise<Element | undefined> {
  const head = await source.read(range.offset, 12)
  const idLength = lengthOf(head[0])
  const sizeLength = lengthOf(head[idLength])
  if (idLength === 0 || idLength > 4 || sizeLength === 0 || head.length < idLength + sizeLength)
    return undefined
  let id = 0
  for (let i = 0; i < idLength; i++) id = id * 256 + head[i]!
  let size = head[idLength]! & (0xff >> sizeLength)
  let unknown = size === 0xff >> sizeLength
  for (let i = 1; i < sizeLength; i++) {
    size = size * 256 + head[idLength + i]!
    unknown &&= head[idLength + i] === 0xff
  }
  const start = range.offset + idLength + sizeLength
  // A live recording does not say how long its segment is: to the end.
  const end = unknown ? range.end : start + size
  return end > range.end && !masters.has(id) ? undefined : { id, start, end: Math.min(end, range.end) }
}

/** An EBML number begins with as many zero bits as it has bytes more. */
const lengthOf = (first: number | undefined) => (first ? Math.clz32(first) - 23 : 0)
