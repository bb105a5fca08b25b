/** What a workflow tells of a file it needs: `models: [{ name, url, hash, hash_type, directory }]`. */
export type ModelEntry = {
  name: string
  folder: string | null
  url: string | null
  sha256: string | null
}

const mostEntries = 256
const deepest = 12
const mostVisited = 200_000

/** All of a document, wherever they stand: at the top, or with the nodes. Anything odd is passed over. */
export function entriesIn(document: unknown): ModelEntry[] {
  const entries: ModelEntry[] = []
  const stack: { value: unknown; depth: number }[] = [{ value: document, depth: 0 }]
  for (
    let visited = 0;
    stack.length > 0 && visited < mostVisited && entries.length < mostEntries;
    visited++
  ) {
    const { value, depth } = stack.pop()!
    if (typeof value !== 'object' || value === null || depth > deepest) continue
    const models =
      !Array.isArray(value) && Object.hasOwn(value, 'models') ? (value as { models: unknown }).models : []
    if (Array.isArray(models)) entries.push(...models.slice(0, mostEntries).flatMap(toEntry))
    for (const inner of Object.values(value)) stack.push({ value: inner, depth: depth + 1 })
  }
  return entries.slice(0, mostEntries)
}

function toEntry(item: unknown): ModelEntry[] {
  if (typeof item !== 'object' || item === null) return []
  const { name, url, hash, hash_type: hashType, directory } = item as Record<string, unknown>
  if (typeof name !== 'string' || name === '' || name.length > 300) return []
  const isSha = typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash)
  const saysSha = typeof hashType !== 'string' || /sha-?256/i.test(hashType)
  return [
    {
      name: name.replaceAll('\\', '/'),
      folder: typeof directory === 'string' && /^[\w-]{1,64}$/.test(directory) ? directory : null,
      url: typeof url === 'string' && url.length <= 2_000 && /^https?:\/\//i.test(url) ? url : null,
      sha256: isSha && saysSha ? hash.toLowerCase() : null,
    },
  ]
}
