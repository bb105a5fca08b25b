export type Range = { readonly start: number; readonly end: number }

/**
 * What a `Range` header asks of `size` bytes (RFC 9110 §14): one range, both ends inclusive; `unsatisfiable`; or
 * undefined for all of it, which is also the answer to what is no range and to several at once.
 */
export function readRange(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header?.trim() ?? '')
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}

/** `If-None-Match`: weak comparison, a list, or `*`. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((text) => {
    const candidate = text.trim().replace(/^W\//, '')
    return candidate === '*' || candidate === tag
  })
}

/** `If-Range`: strong comparison; a date cannot be right, for there are none here. */
export function allowsRange(header: string | undefined, tag: string): boolean {
  return header === undefined || header === '' || header.trim() === tag
}
