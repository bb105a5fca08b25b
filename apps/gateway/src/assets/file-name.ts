const fallback = 'upload'

/** What an uploader calls a file, as a name to show: no folders, nothing that a terminal or a header would obey. */
export function cleanFileName(name: string | undefined): string {
  const last = (name ?? '').split(/[/\\]/).at(-1) ?? ''
  // Controls, and the marks that turn the reading direction around to hide an ending.
  const plain = last
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '')
    .trim()
  const clean = plain === '.' || plain === '..' ? '' : plain
  return shorten(clean.toWellFormed()) || fallback
}

const maxLength = 200

/** Keeps the ending. */
function shorten(name: string): string {
  if (name.length <= maxLength) return name
  const [ending = ''] = /\.[A-Za-z0-9]{1,10}$/.exec(name) ?? []
  return (name.slice(0, maxLength - ending.length) + ending).toWellFormed()
}

/** RFC 6266: plain letters for old readers, all of it for the others. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}
