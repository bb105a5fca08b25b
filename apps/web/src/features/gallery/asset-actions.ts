import { queries } from '../../api/queries.ts'
import { easel } from '../../api/easel.ts'
import { count } from '../../lib/format.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import { paint } from './asset-feed.ts'
import type { AssetView, UpdateAsset } from '@easel/client'

const undoMs = 10_000
/** So many calls are under way at once. */
const abreast = 4

type Deletion = { assets: readonly AssetView[]; timer: ReturnType<typeof setTimeout> | undefined }

/** Deleted for the reader, not yet for the server. */
const deletions = new Set<Deletion>()
const watchers = new Set<() => void>()
let hidden: ReadonlySet<string> = new Set()

/** What the page does not show although the server has it; for `useSyncExternalStore`. */
export const hiddenAssets = {
  ids: (): ReadonlySet<string> => hidden,
  watch: (watcher: () => void): (() => void) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  },
}

function deletionsChanged(): void {
  hidden = new Set([...deletions].flatMap(({ assets }) => assets.map(({ id }) => id)))
  for (const watcher of watchers) watcher()
}

/** Does it for all, a few at a time; gives those that could not be done, and the first reason. */
async function forEach(
  assets: readonly AssetView[],
  act: (asset: AssetView) => Promise<void>,
): Promise<{ failed: AssetView[]; error: unknown }> {
  const waiting = [...assets]
  const failed: AssetView[] = []
  let error: unknown
  const work = async () => {
    for (let asset = waiting.shift(); asset; asset = waiting.shift()) {
      try {
        await act(asset)
      } catch (cause) {
        if (failed.push(asset) === 1) error = cause
      }
    }
  }
  await Promise.all(Array.from({ length: abreast }, work))
  return { failed, error }
}

type Change = UpdateAsset | ((asset: AssetView) => UpdateAsset)

/** Shown at once; taken back for those that the server refuses. */
export async function updateAssets(assets: readonly AssetView[], change: Change): Promise<void> {
  const changeOf = typeof change === 'function' ? change : () => change
  const before = new Map(assets.map((asset) => [asset.id, asset]))
  paint(new Set(before.keys()), (asset) => ({ ...asset, ...changeOf(asset) }) as AssetView)
  const { failed, error } = await forEach(assets, async (asset) => {
    const changed = await easel.assets.update(asset.id, changeOf(asset))
    paint(new Set([asset.id]), () => changed)
  })
  if (failed.length === 0) return
  paint(new Set(failed.map(({ id }) => id)), (asset) => before.get(asset.id))
  tellError(error)
}

/** They are gone from the page at once, and from the server when nobody has taken it back for ten seconds. */
export function deleteAssets(assets: readonly AssetView[]): void {
  if (assets.length === 0) return
  const deletion: Deletion = { assets, timer: undefined }
  deletion.timer = setTimeout(() => void deleteNow(deletion), undoMs)
  deletions.add(deletion)
  deletionsChanged()
  // The same function is added only once.
  addEventListener('pagehide', deleteOnLeaving)
  tell(`${count(assets.length, 'item')} deleted`, {
    undo: () => {
      // Too late when it is on its way.
      if (deletion.timer === undefined) return
      clearTimeout(deletion.timer)
      deletions.delete(deletion)
      deletionsChanged()
    },
  })
}

async function deleteNow(deletion: Deletion): Promise<void> {
  deletion.timer = undefined
  const { failed, error } = await forEach(deletion.assets, async ({ id }) => {
    await easel.assets.delete(id)
    paint(new Set([id]), () => undefined)
    queries.removeQueries({ queryKey: ['asset', id] })
  })
  deletions.delete(deletion)
  deletionsChanged()
  if (failed.length > 0) tellError(error)
}

/** Who leaves the page does not take it back any more. */
function deleteOnLeaving(): void {
  for (const deletion of deletions) {
    if (deletion.timer === undefined) continue
    clearTimeout(deletion.timer)
    deletion.timer = undefined
    for (const { id } of deletion.assets)
      void fetch(`/api/assets/${encodeURIComponent(id)}`, { method: 'DELETE', keepalive: true })
  }
}

const betweenDownloadsMs = 400

/** One after the other: a browser drops what is asked for in the same moment. */
export async function downloadAssets(assets: readonly AssetView[]): Promise<void> {
  for (const [index, { url, filename, id }] of assets.entries()) {
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, betweenDownloadsMs))
    const link = document.createElement('a')
    link.href = `${url}?download`
    link.download = filename ?? id
    link.click()
  }
}
