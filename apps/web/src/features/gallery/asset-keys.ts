import { useEffect, useRef } from 'react'
import { deleteAssets, updateAssets } from './asset-actions.ts'
import type { KeyboardEvent, RefObject } from 'react'
import type { AssetView } from '@easel/client'
import type { GridHandle } from './grid.tsx'

type AssetKeysOptions = {
  items: readonly AssetView[]
  chosen: readonly AssetView[]
  grid: RefObject<GridHandle | null>
  clear: () => void
  selectAll: () => void
  mayWrite: boolean
  /** The one that is looked at has keys of its own. */
  open: string | undefined
}

/** Keys about what is chosen, else about the picture that has the focus; gives what the grid does not know. */
export function useAssetKeys(options: AssetKeysOptions) {
  const latest = useRef(options)
  latest.current = options

  const act = (key: string, asset: AssetView | undefined): boolean => {
    const { items, chosen, grid, clear, mayWrite } = latest.current
    const about = chosen.length > 0 ? chosen : asset ? [asset] : []
    if (!mayWrite || about.length === 0) return false
    if (key === 'Delete') {
      const from = items.indexOf(asset ?? about[0]!)
      const next =
        items.slice(from).find((each) => !about.includes(each)) ??
        items.slice(0, from).findLast((each) => !about.includes(each))
      deleteAssets(about)
      clear()
      if (asset && next) grid.current?.focus(next.id)
    } else if (key === 'f' || key === 'F') {
      void updateAssets(about, { favorite: !about.every(({ favorite }) => favorite) })
    } else if (/^[0-5]$/.test(key)) {
      void updateAssets(about, { rating: Number(key) })
    } else {
      return false
    }
    return true
  }

  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      const { open, clear, selectAll, chosen } = latest.current
      if (open !== undefined || event.defaultPrevented || isElsewhere(event.target)) return
      const command = event.ctrlKey || event.metaKey
      if (command && event.key.toLowerCase() === 'a') selectAll()
      else if (command || event.altKey) return
      else if (event.key === 'Escape' && chosen.length > 0) clear()
      else if (!act(event.key, undefined)) return
      event.preventDefault()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it reads the latest options
  }, [])

  return (event: KeyboardEvent, asset: AssetView) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (act(event.key, asset)) event.preventDefault()
  }
}

/** In a field, a menu or a dialog. */
function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]') !== null
  )
}
