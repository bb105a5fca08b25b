import { queryOptions } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { live } from '../../api/live.ts'
import { queries } from '../../api/queries.ts'
import { fits } from './fits.ts'
import { change, prepend } from './pages.ts'
import type { AssetDetail, AssetView, EaselEvent, GetAssetsQuery } from '@easel/client'
import type { Pages } from './pages.ts'

/** Somebody who looks at a list: while he is not at its top, new ones of it are held back. */
type Reader = { isAtTop: () => boolean; held: readonly AssetView[] }

const listKey = 'gallery'
/** So many of the newest are remembered for lists that are being read while they come. */
const remembered = 200

const readers = new Map<string, Reader>()
const watchers = new Set<() => void>()
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

const nobody: readonly AssetView[] = []

/** What is held back from a list; for `useSyncExternalStore`. */
export const heldAssets = {
  of: (name: string): readonly AssetView[] => readers.get(name)?.held ?? nobody,
  watch: (watcher: () => void): (() => void) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  },
}

/** `name`: its query as JSON. When it is read no more, it gets what was held back. */
export function readAs(name: string, isAtTop: () => boolean): () => void {
  readers.set(name, { isAtTop, held: nobody })
  return () => {
    showHeld(name)
    readers.delete(name)
  }
}

/** What was held back comes in. */
export function showHeld(name: string): void {
  const held = heldAssets.of(name)
  if (held.length === 0) return
  const key = assetsKey(JSON.parse(name) as GetAssetsQuery)
  queries.setQueryData<Pages>(key, (pages) => pages && prepend(pages, held))
  hold(name, nobody)
}

function hold(name: string, held: readonly AssetView[]): void {
  const reader = readers.get(name)
  if (!reader || reader.held === held) return
  reader.held = held
  for (const watcher of watchers) watcher()
}

/** Says later which ones of a list have come since now: an answer under way may miss them. */
export function newcomers(query: GetAssetsQuery): () => AssetView[] {
  const known = new Set(recent)
  return () => recent.filter((asset) => !known.has(asset) && fits(asset, query))
}

/** Everything that shows these assets shows them changed. */
export function paint(ids: ReadonlySet<string>, to: (asset: AssetView) => AssetView | undefined): void {
  queries.setQueriesData<Pages>({ queryKey: [listKey] }, (pages) => pages && change(pages, ids, to))
  for (const [name, { held }] of readers)
    if (held.some(({ id }) => ids.has(id)))
      hold(
        name,
        held.flatMap((each) => (ids.has(each.id) ? (to(each) ?? []) : each)),
      )
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
    const name = JSON.stringify(wanted)
    const reader = readers.get(name)
    if (wanted.sort !== undefined) {
      // Where its place is only the server knows: it is read when the list is opened again.
      if (!reader) queries.removeQueries({ queryKey: query.queryKey, exact: true })
    } else if (reader && !reader.isAtTop()) {
      hold(name, [asset, ...reader.held])
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
