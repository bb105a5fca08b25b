import { queryOptions } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { live } from '../../api/live.ts'
import { queries } from '../../api/queries.ts'
import { fits } from './fits.ts'
import { change, prepend } from './pages.ts'
import type { AssetDetail, AssetView, EaselEvent, GetAssetsQuery } from '@easel/client'
import type { Pages } from './pages.ts'

/** Somebody who looks at a list. */
type Reader = { isAtTop: () => boolean; hold: (asset: AssetView) => void }

const listKey = 'gallery'
/** So many of the newest are remembered for lists that are being read while they come. */
const remembered = 200

const readers = new Map<string, Reader>()
const recent: AssetView[] = []
let following = false

export const assetsKey = (query: GetAssetsQuery) => [listKey, query] as const

/** Kept true by what is told; the models with their counts are those of the first look. */
export const statsQuery = (spaceId: string) =>
  queryOptions({ queryKey: ['asset-stats', spaceId], queryFn: () => easel.assets.stats({ spaceId }) })

/** From now on lists that have been read are kept true, looked at or not. Once is enough. */
export function followAssets(): void {
  if (following) return
  following = true
  live.listen({ event: apply })
}

/** New ones of this list are held back while its reader is not at the top. */
export function readAs(query: GetAssetsQuery, reader: Reader): () => void {
  const name = JSON.stringify(query)
  readers.set(name, reader)
  return () => {
    if (readers.get(name) === reader) readers.delete(name)
  }
}

/** Says later which ones of a list have come since now: an answer under way may miss them. */
export function newcomers(query: GetAssetsQuery): () => AssetView[] {
  const known = new Set(recent)
  return () => recent.filter((asset) => !known.has(asset) && fits(asset, query))
}

/** Everything that shows these assets shows them changed. */
export function paint(ids: ReadonlySet<string>, to: (asset: AssetView) => AssetView | undefined): void {
  queries.setQueriesData<Pages>({ queryKey: [listKey] }, (pages) => pages && change(pages, ids, to))
  for (const id of ids)
    queries.setQueryData<AssetDetail>(['asset', id], (known) => known && { ...known, ...to(known) })
}

function apply({ type, data }: EaselEvent): void {
  if (type === 'asset.created') {
    const asset = data as AssetView
    if (recent.some(({ id }) => id === asset.id)) return
    recent.unshift(asset)
    recent.length = Math.min(recent.length, remembered)
    arrive(asset)
  } else if (type === 'asset.updated') {
    const asset = data as AssetView
    paint(new Set([asset.id]), () => asset)
  } else if (type === 'asset.deleted') {
    const asset = data as AssetView
    paint(new Set([asset.id]), () => undefined)
    addUp(asset, -1)
  }
}

function arrive(asset: AssetView): void {
  addUp(asset, 1)
  for (const query of queries.getQueryCache().findAll({ queryKey: [listKey] })) {
    const wanted = query.queryKey[1] as GetAssetsQuery
    if (!fits(asset, wanted)) continue
    const reader = readers.get(JSON.stringify(wanted))
    if (wanted.sort !== undefined) {
      // Where its place is only the server knows: it is read when the list is opened again.
      if (!reader) queries.removeQueries({ queryKey: query.queryKey, exact: true })
    } else if (reader && !reader.isAtTop()) {
      reader.hold(asset)
    } else {
      queries.setQueryData<Pages>(query.queryKey, (pages) => pages && prepend(pages, [asset]))
    }
  }
}

function addUp({ bytes, spaceId }: AssetView, sign: 1 | -1): void {
  queries.setQueryData(
    statsQuery(spaceId).queryKey,
    (known) => known && { ...known, total: known.total + sign, bytes: known.bytes + sign * bytes },
  )
}
