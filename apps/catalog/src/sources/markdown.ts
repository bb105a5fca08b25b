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
        if (name === 'br') return void both((writer) => writer.line())
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
  parser.end(html.slice(0, longest * 4))
  return { markdown: markdown.result(), text: text.result() }
}

class Writer {
  #text = ''

  words(part: string): void {
    const words = part.replaceAll(/\s+/g, ' ')
    this.#text += /\s$|^$/.test(this.#text) ? words.trimStart() : words
  }

  write(part: string): void {
    this.#text += part
  }

  mark(part: string | undefined): void {
    if (part) this.#text += part
  }

  line(): void {
    if (this.#text !== '' && !this.#text.endsWith('\n')) this.#text = `${this.#text.trimEnd()}\n`
  }

  block(): void {
    if (this.#text !== '') this.#text = `${this.#text.trimEnd()}\n\n`
  }

  result(): string | null {
    // Marks around nothing, as of an empty <strong>.
    const clean = this.#text.replaceAll(/\*{4}|~{4}|``/g, '').trim()
    return clean === '' ? null : clean.slice(0, longest)
  }
}

/** A model card: Markdown that may hold HTML, with a head of YAML. */
export function fromMarkdown(source: string | null): Description {
  if (!source) return { markdown: null, text: null }
  const body = source.slice(0, longest * 4).replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/, '')
  const parts = body.split(/(^(?:```|~~~)[\s\S]*?^(?:```|~~~)[ \t]*$|`[^`\n]+`)/m)
  const markdown = parts.map((part, index) => (index % 2 === 1 ? part : withoutHtml(part))).join('')
  const clean = markdown
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .slice(0, longest)
  const text = clean
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[#*_`>|~]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return { markdown: clean || null, text: text || null }
}

function withoutHtml(part: string): string {
  return part
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replaceAll(/<(script|style|iframe|svg)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, '')
    .replaceAll(/<(https?:\/\/[^\s<>]+)>/g, '$1')
    .replaceAll(/<\/?[a-z][^<>]*>/gi, '')
    .replaceAll('<', '&lt;')
    .replaceAll(
      /(\]\(\s*|^\s*\[[^\]]+\]:\s*)([a-z][a-z0-9+.-]*:[^\s)]*)/gim,
      (whole, before: string, url: string) => (safeLink(url) ? whole : `${before}#`),
    )
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
