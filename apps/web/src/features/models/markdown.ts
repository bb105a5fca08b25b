/** What a description is made of; raw HTML is none of it, it is text like any other. */
export type Block =
  | { kind: 'paragraph' | 'quote'; parts: Inline[] }
  | { kind: 'heading'; parts: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'line' }

export type Inline =
  | { kind: 'text' | 'code' | 'strong' | 'em' | 'struck'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'break' }

const mostLines = 2_000

/** The part of Markdown that the catalogue writes. Pictures become links to them: nothing is loaded that nobody asked for. */
export function readMarkdown(source: string): Block[] {
  const blocks: Block[] = []
  const lines = source.replaceAll('\r\n', '\n').split('\n').slice(0, mostLines)
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!
    if (line.trim() === '') {
      at++
      continue
    }
    const [block, next] = blockAt(lines, at)
    blocks.push(block)
    at = next
  }
  return blocks
}

const fence = /^\s*(```|~~~)/
const bullet = /^\s*[-*+]\s+(?=\S)/
const numbered = /^\s*\d{1,4}[.)]\s+(?=\S)/
const heading = /^\s*#{1,6}\s+(?=\S)/
const rule = /^\s*([-*_])(\s*\1){2,}\s*$/
const quote = /^\s*>\s?/

function blockAt(lines: readonly string[], at: number): [Block, number] {
  const line = lines[at]!
  if (fence.test(line)) {
    const end = lines.findIndex((each, index) => index > at && fence.test(each))
    const last = end === -1 ? lines.length : end
    return [{ kind: 'code', text: lines.slice(at + 1, last).join('\n') }, last + 1]
  }
  if (rule.test(line)) return [{ kind: 'line' }, at + 1]
  if (heading.test(line)) return [{ kind: 'heading', parts: readInline(line.replace(heading, '')) }, at + 1]
  for (const mark of [bullet, numbered]) {
    if (!mark.test(line)) continue
    const end = endOf(lines, at, (each) => mark.test(each))
    const items = lines.slice(at, end).map((each) => readInline(each.replace(mark, '')))
    return [{ kind: 'list', ordered: mark === numbered, items }, end]
  }
  if (quote.test(line)) {
    const end = endOf(lines, at, (each) => quote.test(each))
    return [
      { kind: 'quote', parts: joined(lines.slice(at, end).map((each) => each.replace(quote, ''))) },
      end,
    ]
  }
  const end = endOf(
    lines,
    at + 1,
    (each) =>
      each.trim() !== '' && ![fence, bullet, numbered, heading, rule, quote].some((mark) => mark.test(each)),
  )
  return [{ kind: 'paragraph', parts: joined(lines.slice(at, end)) }, end]
}

function endOf(lines: readonly string[], from: number, fits: (line: string) => boolean): number {
  let end = from
  while (end < lines.length && fits(lines[end]!)) end++
  return end
}

/** A line ends where its writer ended it: makers write lists without marks. */
function joined(lines: readonly string[]): Inline[] {
  return lines.flatMap((line, index): Inline[] => [
    ...(index > 0 ? [{ kind: 'break' } as const] : []),
    ...readInline(line.trim()),
  ])
}

const inline =
  /\\([\\`*_[\]#~<>()!.+-])|!?\[([^\]]{0,400})\]\((https?:\/\/[^\s)]{1,1000})[^)]{0,200}\)|<(https?:\/\/[^\s>]{1,1000})>|(https?:\/\/[^\s<>"']{1,1000}[^\s<>"'.,;:!?)])|\*\*([^*]{1,2000}?)\*\*|__([^_]{1,2000}?)__|~~([^~]{1,2000}?)~~|`([^`]{1,2000})`|(?<![\p{L}\p{N}])[*_](?=\S)([^*_]{1,2000}?)(?<=\S)[*_](?![\p{L}\p{N}])/gu

export function readInline(text: string): Inline[] {
  const parts: Inline[] = []
  let from = 0
  for (const match of text.matchAll(inline)) {
    add(parts, text.slice(from, match.index))
    from = match.index + match[0].length
    const [, escaped, label, href, bracketed, bare, strong, strong2, struck, code, em] = match
    const address = href ?? bracketed ?? bare
    if (escaped !== undefined) add(parts, escaped)
    else if (address !== undefined) parts.push(linkTo(address, label))
    else if (code !== undefined) parts.push({ kind: 'code', text: code })
    else if (struck !== undefined) parts.push({ kind: 'struck', text: plain(struck) })
    else if (em !== undefined) parts.push({ kind: 'em', text: plain(em) })
    else parts.push({ kind: 'strong', text: plain(strong ?? strong2 ?? '') })
  }
  add(parts, text.slice(from))
  return parts
}

function linkTo(href: string, label: string | undefined): Inline {
  if (!URL.canParse(href)) return { kind: 'text', text: label ?? href }
  return { kind: 'link', text: plain(label ?? '') || href, href }
}

/** Marks inside of marks are rare in descriptions: their words are shown without. */
function plain(text: string): string {
  return entities(
    text.replaceAll(/\\([\\`*_[\]#~<>])/g, '$1').replaceAll(/[*_`~]{1,2}(?=\S)|(?<=\S)[*_`~]{1,2}/g, ''),
  )
}

function add(parts: Inline[], text: string): void {
  if (text === '') return
  const last = parts.at(-1)
  if (last?.kind === 'text') last.text += entities(text)
  else parts.push({ kind: 'text', text: entities(text) })
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', nbsp: '\u00a0' }

const entities = (text: string): string =>
  text.replaceAll(/&(lt|gt|amp|quot|nbsp);/g, (_, name: string) => named[name]!)
