const windowsDevices = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i
const longest = 180

/**
 * A file name made of what a server calls a file: one path segment, no control characters, nothing that a file
 * system or a shell would take for more than a name, short enough to get a number. Never empty.
 */
export function safeName(name: string, fallback: string): string {
  const segment = name.split(/[/\\]/).at(-1) ?? ''
  const cleaned = segment
    .normalize('NFC')
    .replace(/\p{C}|[<>:"|?*]|\p{Zl}|\p{Zp}/gu, '_')
    .replace(/^[\s.-]+/, '')
    .replace(/[\s.]+$/, '')
  const usable = /[^_]/.test(cleaned) ? cleaned : fallback
  return shorten(windowsDevices.test(usable) ? `_${usable}` : usable)
}

/** `name.png` → `name-1.png`: the next name to try. */
export function numbered(name: string, number: number): string {
  const { stem, ending } = split(name)
  return number === 0 ? name : `${stem}-${number}${ending}`
}

/** By bytes, as file systems count, without cutting a character in two; the ending stays. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= longest) return name
  const { stem, ending } = split(name)
  let kept = ''
  for (const char of stem) {
    if (Buffer.byteLength(kept + char + ending) > longest) break
    kept += char
  }
  return kept + ending
}

function split(name: string): { stem: string; ending: string } {
  const ending = /\.[^.]{1,12}$/.exec(name)?.[0] ?? ''
  return { stem: name.slice(0, name.length - ending.length), ending }
}
