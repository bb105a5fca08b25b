import { useCallback, useEffect, useRef, useState } from 'react'
import { neighbour } from './layout.ts'
import type { FocusEvent, KeyboardEvent, RefObject } from 'react'
import type { AssetView } from '@easel/client'
import type { Row, Step } from './layout.ts'
import type { Selection } from './selection.ts'

const steps: Record<string, Step> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
}

type GridKeysOptions = {
  frame: RefObject<HTMLElement | null>
  rows: readonly Row[]
  assets: readonly AssetView[]
  selection: Selection
  reveal: (index: number) => void
  onOpen: (id: string) => void
  onKey: (event: KeyboardEvent, asset: AssetView) => void
}

/** One picture can be reached with Tab; arrows lead from it to the others. */
export function useGridKeys(options: GridKeysOptions) {
  const [current, setCurrent] = useState<string>()
  /** To be focused as soon as it is in the document. */
  const wanted = useRef<string>(undefined)
  const latest = useRef(options)
  latest.current = options

  useEffect(() => {
    const id = wanted.current
    if (id === undefined) return
    const button = options.frame.current?.querySelector<HTMLElement>(
      `[data-tile="${CSS.escape(id)}"] [data-press="open"]`,
    )
    if (!button) return
    wanted.current = undefined
    button.focus({ preventScroll: true })
  })

  const focus = useCallback((id: string) => {
    const { assets, reveal } = latest.current
    const index = assets.findIndex((asset) => asset.id === id)
    if (index < 0) return
    wanted.current = id
    setCurrent(id)
    reveal(index)
  }, [])

  const onFocus = useCallback((event: FocusEvent) => {
    const tile = event.target.closest<HTMLElement>('[data-tile]')?.dataset['tile']
    if (tile !== undefined) setCurrent(tile)
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    const { assets, rows, selection, onKey } = latest.current
    const id = (event.target as Element).closest<HTMLElement>('[data-tile]')?.dataset['tile']
    const index = assets.findIndex((asset) => asset.id === id)
    if (id === undefined || index < 0) return
    const step = event.ctrlKey || event.metaKey || event.altKey ? undefined : steps[event.key]
    if (step) {
      event.preventDefault()
      const next = assets[neighbour(rows, index, step)]!.id
      if (event.shiftKey) {
        if (!selection.ids.has(id)) selection.toggle(id)
        selection.extend(next)
      }
      focus(next)
    } else if (event.key === ' ') {
      event.preventDefault()
      if (event.shiftKey) selection.extend(id)
      else selection.toggle(id)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      options.onOpen(id)
    } else {
      onKey(event, assets[index]!)
    }
  }
  return { current, setCurrent, focus, onFocus, onKeyDown }
}
