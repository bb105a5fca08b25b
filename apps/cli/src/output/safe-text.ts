/**
 * What a name or message from elsewhere may not do to a terminal: move the cursor, change colours or the title,
 * turn the direction of the text, or hide. C0, DEL, C1, direction marks, line separators, zero-width characters
 * (but for the joiner of emoji), interlinear marks, tags and lone surrogates.
 */
const hostile =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Text as it may stand in one line of a terminal: whatever could act on it is written out (`\x1b`, `\u202e`). */
export function safeText(text: string): string {
  return text.replace(hostile, (char) => named[char] ?? escaped(char.codePointAt(0)!))
}

/** As `safeText`, for texts of several lines: line ends stay. */
export function safeLines(text: string): string[] {
  return text.split(/\r\n|\n/).map(safeText)
}

/** JSON that is safe to print: what JSON itself does not escape is escaped, and it stays the same JSON. */
export function safeJson(json: string): string {
  return json.replace(hostile, (char) =>
    char === '\n'
      ? char
      : Array.from({ length: char.length }, (_, i) => `\\u${hex(char.charCodeAt(i), 4)}`).join(''),
  )
}

function escaped(code: number): string {
  if (code <= 0xff) return `\\x${hex(code, 2)}`
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 0)}}`
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0')
