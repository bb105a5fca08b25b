const longestMetadata = 64 * 1024
const longestValue = 8 * 1024

/** Postgres takes neither NUL nor half of a surrogate pair. */
export const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed()

export const storableText = (text: string | undefined, longest = 300): string | null =>
  text === undefined ? null : storable(text.slice(0, longest))

/** Headers may hold megabytes of training notes; what is long is left out, and pictures are no text. */
export function boundedMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const kept: [string, string][] = []
  let size = 0
  for (const [name, value] of Object.entries(metadata)) {
    if (value.length > longestValue || name.length > 200 || name === 'modelspec.thumbnail') continue
    size += name.length + value.length
    if (size > longestMetadata) break
    kept.push([storable(name), storable(value)])
  }
  return Object.fromEntries(kept)
}
