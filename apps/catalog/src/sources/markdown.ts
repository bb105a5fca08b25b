import { Parser } from 'htmlparser2'

const longest = 60_000
const blocks: ReadonlySet<string> = new Set([
  'p',
  'div',
  'section',
  'ul',
  'ol',
  'table',
  'tr',
  'blockquote',
  'pre',
  'figure',
])
const skipped: ReadonlySet<string> = new Set([
  'script',
  'style',
  'iframe',
  'object',
  'svg',
  'math',
  'template',
  'noscript',
])
const marks: Readonly<Record<string, string>> = {
  strong: '**',
  b: '**',
  em: '_',
  i: '_',
  code: '`',
  s: '~~',
  del: '~~',
}

export type Description = { readonly markdown: string | null; readonly text: string | null }

/** A maker's HTML as Markdown without raw HTML, and as plain text. */
export function fromHtml(html: string | null): Description {
  if (!html) return { markdown: null, text: null }
  const markdown = new Writer()
  const text = new Writer()
  let skip = 0
  const links: (string | undefined)[] = []
  const lists: { ordered: boolean; count: number }[] = []
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (skipped.has(name)) skip++
        if (skip > 0) return
        if (name === 'br') both((writer) => writer.line())
        if (blocks.has(name) || /^h[1-6]$/.test(name)) both((writer) => writer.block())
        if (/^h[1-6]$/.test(name)) markdown.write(`${'#'.repeat(Number(name[1]))} `)
        if (name === 'ul' || name === 'ol') lists.push({ ordered: name === 'ol', count: 0 })
        if (name === 'li') item(lists.at(-1))
        if (name === 'a') link(attributes['href'])
        if (name === 'img') picture(attributes['src'], attributes['alt'])
        markdown.mark(marks[name])
      },
      ontext(part) {
        if (skip > 0) return
        markdown.words(escaped(part))
        text.words(part)
      },
      onclosetag(name) {
        if (skipped.has(name)) skip = Math.max(0, skip - 1)
        if (skip > 0) return
        markdown.mark(marks[name])
        if (name === 'a') {
          const href = links.pop()
          if (href) markdown.write(`](${href})`)
        }
        if (name === 'ul' || name === 'ol') lists.pop()
        if (blocks.has(name) || /^h[1-6]$/.test(name)) both((writer) => writer.block())
      },
    },
    { decodeEntities: true },
  )
  const both = (act: (writer: Writer) => void) => [markdown, text].forEach(act)
  const item = (list: { ordered: boolean; count: number } | undefined) => {
    both((writer) => writer.line())
    if (list) list.count++
    markdown.write(list?.ordered ? `${list.count}. ` : '- ')
  }
  const link = (target: string | undefined) => {
    const href = safeLink(target)
    links.push(href)
    if (href) markdown.write('[')
  }
  const picture = (source: string | undefined, alt = '') => {
    const href = safeLink(source)
    if (href) markdown.write(`![${escaped(alt)}](${href})`)
  }
  parser.end(html.slice(0, longest * 2))
  return { markdown: markdown.result(), text: text.result() }
}

/** Collects parts; a line or block begins only when something follows. */
class Writer {
  readonly #parts: string[] = []
  #gap = ''
  #spaced = true

  words(part: string): void {
    const words = part.replaceAll(/\s+/g, ' ')
    this.write(this.#spaced || this.#gap !== '' ? words.trimStart() : words)
  }

  write(part: string): void {
    if (part === '') return
    this.#parts.push(this.#gap, part)
    this.#gap = ''
    this.#spaced = part.endsWith(' ')
  }

  mark(part: string | undefined): void {
    if (part) this.write(part)
  }

  line(): void {
    if (this.#parts.length > 0 && this.#gap === '') this.#gap = '\n'
  }

  block(): void {
    if (this.#parts.length > 0) this.#gap = '\n\n'
  }

  result(): string | null {
    // Marks around nothing, as of an empty <strong>, and spaces before a line's end.
    const clean = this.#parts
      .join('')
      .slice(0, longest)
      .replaceAll(/\*{4}|~{4}|``| (?=\n)/g, '')
      .trim()
    return clean === '' ? null : clean
  }
}

/** A model card: Markdown that may hold HTML, with a head of YAML. */
export function fromMarkdown(source: string | null): Description {
  if (!source) return { markdown: null, text: null }
  const body = source.slice(0, longest).replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/, '')
  const parts = body.split(/(^(?:```|~~~)[\s\S]*?^(?:```|~~~)[ \t]*$|`[^`\n]+`)/m)
  const markdown = parts.map((part, index) => (index % 2 === 1 ? part : withoutHtml(part))).join('')
  const clean = markdown
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .slice(0, longest)
  const text = clean
    .replaceAll(/!?\[([^[\]]{0,300})\]\([^()]{0,2000}\)/g, '$1')
    .replaceAll(/[#*_`>|~]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return { markdown: clean || null, text: text || null }
}

/** Bounded all over: a hostile card must not take longer than it is long. */
const linkTarget =
  /(\]\(\s{0,20}<?|^[ \t]{0,9}\[[^[\]\n]{1,300}\]:[ \t]{0,20})([a-z][a-z0-9+.-]{0,30}:[^\s()]{0,2000}(?:\([^\s()]{0,200}\)[^\s()]{0,200}){0,5})/gim

function withoutHtml(part: string): string {
  return part
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replaceAll(/<(script|style|iframe|svg)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, '')
    .replaceAll(/<(https?:\/\/[^\s<>]+)>/g, '$1')
    .replaceAll(/<\/?[a-z][^<>]{0,4000}>/gi, '')
    .replaceAll('<', '&lt;')
    .replaceAll(linkTarget, (whole, before: string, url: string) => (safeLink(url) ? whole : `${before}#`))
}

/** Only addresses of the web, written so that they end where they end. */
export function safeLink(target: string | undefined): string | undefined {
  const url = target && URL.parse(target.trim())
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username || url.password)
    return undefined
  return url.href.replaceAll('(', '%28').replaceAll(')', '%29')
}

/** Words that mean nothing in Markdown or HTML. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_[\]#~]/g, (mark) => `\\${mark}`).replaceAll('<', '&lt;')
}
