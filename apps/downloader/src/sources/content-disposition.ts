/**
 * The file name in a Content-Disposition header (RFC 6266). `filename*` (RFC 8187) goes before `filename`.
 * Nothing is promised about the name: it is what the server says.
 */
export function dispositionFileName(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 4_096) return undefined
  return extendedName(header) ?? plainName(header)
}

function extendedName(header: string): string | undefined {
  const match = /(?:^|;)\s*filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;\s]*)/i.exec(header)
  if (!match) return undefined
  const bytes = Buffer.from(
    match[2]!.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  )
  const name = bytes.toString(match[1]!.toLowerCase() === 'utf-8' ? 'utf8' : 'latin1')
  return name === '' ? undefined : name
}

function plainName(header: string): string | undefined {
  const match = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header)
  const name = match?.[1]?.replaceAll(/\\(.)/g, '$1') ?? match?.[2]
  if (name === undefined || name === '') return undefined
  // Headers arrive as latin-1; most servers that write more mean UTF-8.
  const text = Buffer.from(name, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? name : text
}
