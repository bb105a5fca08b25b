/**
 * What the address of Create holds. `session`: the one worked in. The others hand something over once and leave the
 * address when it is taken: `asset` or `job` open the graph of what was made before, `input` puts an asset into an image
 * input.
 */
export type CreateSearch = { session?: string; asset?: string; job?: string; input?: string }

const names = ['session', 'asset', 'job', 'input'] as const

export function readCreateSearch(search: Record<string, unknown>): CreateSearch {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name]
      return typeof value === 'string' && value !== '' ? [[name, value]] : []
    }),
  )
}
