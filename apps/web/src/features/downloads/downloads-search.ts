export type Show = 'open' | 'done' | 'failed'

/** What the address of the downloads view holds. */
export type DownloadsSearch = { show?: Show; q?: string }

export function readDownloadsSearch({ show, q }: Record<string, unknown>): DownloadsSearch {
  return {
    ...((show === 'open' || show === 'done' || show === 'failed') && { show }),
    ...(typeof q === 'string' && q !== '' && { q: q.slice(0, 200) }),
  }
}
