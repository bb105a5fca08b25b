import { queries } from '../../api/queries.ts'
import { easel } from '../../api/easel.ts'
import { count } from '../../lib/format.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import { change } from './assets.ts'
import type { AssetView, UpdateAsset } from '@easel/client'

const undoMs = 10_000

/** Deleted for the reader, not yet for the server. */
const waiting = new Map<string, ReturnType<typeof setTimeout>>()

function paint(to: (asset: AssetView) => AssetView | undefined): void {
  queries.setQueriesData<Parameters<typeof change>[0]>({ queryKey: ['assets'] }, (pages) => change(pages, to))
}

/** Shown at once; taken back when the server refuses. */
export async function updateAssets(assets: readonly AssetView[], update: UpdateAsset): Promise<void> {
  const before = new Map(assets.map((asset) => [asset.id, asset]))
  paint((asset) => (before.has(asset.id) ? ({ ...asset, ...update } as AssetView) : asset))
  for (const asset of assets)
    queries.setQueryData(['asset', asset.id], (known: object | undefined) => known && { ...known, ...update })
  try {
    for (const { id } of assets) {
      const changed = await easel.assets.update(id, update)
      paint((asset) => (asset.id === id ? changed : asset))
    }
  } catch (error) {
    paint((asset) => before.get(asset.id) ?? asset)
    tellError(error)
  }
}

/** They are gone from the page at once, and from the server when nobody has taken it back for ten seconds. */
export function deleteAssets(assets: readonly AssetView[]): void {
  const gone = new Set(assets.map(({ id }) => id))
  paint((asset) => (gone.has(asset.id) ? undefined : asset))
  const timer = setTimeout(() => void deleteNow(assets), undoMs)
  for (const id of gone) waiting.set(id, timer)
  tell(`${count(assets.length, 'item')} deleted`, {
    undo: () => {
      clearTimeout(timer)
      for (const id of gone) waiting.delete(id)
      void queries.resetQueries({ queryKey: ['assets'] })
    },
  })
}

async function deleteNow(assets: readonly AssetView[]): Promise<void> {
  for (const { id } of assets) {
    waiting.delete(id)
    try {
      await easel.assets.delete(id)
    } catch (error) {
      tellError(error)
      void queries.resetQueries({ queryKey: ['assets'] })
      return
    }
  }
}

/** Who leaves the page does not take it back any more. */
addEventListener('pagehide', () => {
  for (const [id, timer] of waiting) {
    clearTimeout(timer)
    void fetch(`/api/assets/${encodeURIComponent(id)}`, { method: 'DELETE', keepalive: true })
  }
  waiting.clear()
})

export function download({ url, filename, id }: AssetView): void {
  const link = document.createElement('a')
  link.href = url
  link.download = filename ?? id
  link.click()
}
