/** `start` and `end` (inclusive) are absent in the answer to an unsatisfiable range. */
export type ContentRange = { start?: number; end?: number; total?: number }

/** RFC 9110 §14.4; undefined for anything that breaks it. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const match = /^\s*bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)\s*$/i.exec(header ?? '')
  if (!match) return undefined
  const total = match[3] === '*' ? undefined : Number(match[3])
  if (match[1] === undefined) return total === undefined ? undefined : { total }
  const start = Number(match[1])
  const end = Number(match[2])
  if (end < start || (total !== undefined && end >= total)) return undefined
  return { start, end, ...(total !== undefined && { total }) }
}
