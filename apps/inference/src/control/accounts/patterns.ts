/**
 * Names with `*` for any letters, also none. Each part between two stars is looked for once, from where the part
 * before it ended: no pattern makes it go back.
 */
export class Patterns {
  private readonly names = new Set<string>()
  private readonly starred: string[][] = []

  constructor(patterns: readonly string[]) {
    for (const pattern of new Set(patterns)) {
      if (pattern.includes('*')) this.starred.push(pattern.split('*'))
      else this.names.add(pattern)
    }
  }

  match(text: string): boolean {
    return this.names.has(text) || this.starred.some((parts) => matches(parts, text))
  }
}

function matches(parts: readonly string[], text: string): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= end
}
