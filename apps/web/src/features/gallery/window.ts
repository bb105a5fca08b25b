import { useRouter } from '@tanstack/react-router'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { rowAt, rowOf } from './layout.ts'
import type { RefObject } from 'react'
import type { AssetView } from '@easel/client'
import type { Row } from './layout.ts'

/** A picture, and how far its row is above the upper edge of what is seen. */
export type Place = { id: string; above: number }

/** Rows from and to (exclusive) are in the document. */
type Shown = { from: number; to: number }

type WindowOptions = {
  frame: RefObject<HTMLElement | null>
  rows: readonly Row[]
  assets: readonly AssetView[]
  /** Where the reader was when the list was last left. */
  start: Place | undefined
  onPlace: (place: Place | undefined) => void
  /** There is little left below. */
  onEnd: () => void
}

/** So much beyond each edge of what is seen is in the document, in its heights. */
const beyond = 0.75
/** With so much left below, the next page is read, in heights of what is seen. */
const enough = 8
/** Nearer to the top than this, new ones move what is seen; below it, they do not. */
export const atTopPx = 80

/** What scrolls: the view that the frame of the page keeps. */
export const scrollerOf = (frame: RefObject<HTMLElement | null>): HTMLElement | null | undefined =>
  frame.current?.closest<HTMLElement>('#view')

/** Which rows are near what is seen; and what is seen stays in place when rows above it come or go. */
export function useWindow(options: WindowOptions) {
  const { frame, rows, assets, start } = options
  const router = useRouter()
  const [shown, setShown] = useState<Shown>({ from: 0, to: 0 })
  const place = useRef(start)
  const latest = useRef(options)
  latest.current = options

  const look = useCallback(() => {
    const { frame, rows, assets, onPlace, onEnd } = latest.current
    const view = scrollerOf(frame)
    if (!view || !frame.current || rows.length === 0) return
    const height = view.clientHeight
    const above = view.getBoundingClientRect().top - frame.current.getBoundingClientRect().top
    const from = rowAt(rows, above - height * beyond)
    const to = Math.min(rows.length, rowAt(rows, above + height * (1 + beyond)) + 1)
    setShown((before) => (before.from === from && before.to === to ? before : { from, to }))
    const first = rows[Math.min(rowAt(rows, above), rows.length - 1)]!
    place.current =
      view.scrollTop <= atTopPx
        ? undefined
        : { id: assets[first.boxes[0]!.index]!.id, above: above - first.top }
    onPlace(place.current)
    const last = rows.at(-1)!
    if (last.top + last.height - above - height < height * enough) onEnd()
  }, [])

  useLayoutEffect(() => {
    const settle = () => {
      if (place.current) keep(place.current, latest.current)
      else scrollerOf(latest.current.frame)?.scrollTo({ top: 0 })
    }
    settle()
    // The router gives each address its scroll back, and a new one that of the view before: here the list decides.
    return router.subscribe('onRendered', settle)
  }, [router])

  useLayoutEffect(() => {
    keep(place.current, latest.current)
    look()
  }, [rows, assets, look])

  useEffect(() => {
    const view = scrollerOf(frame)
    if (!view) return
    const observer = new ResizeObserver(look)
    observer.observe(view)
    if (frame.current?.parentElement) observer.observe(frame.current.parentElement)
    view.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      view.removeEventListener('scroll', look)
    }
  }, [frame, look])

  /** Scrolls no further than it must. */
  const reveal = useCallback((index: number) => {
    const { frame, rows } = latest.current
    const row = rows[rowOf(rows, index)]
    const view = scrollerOf(frame)
    if (!row || !view || !frame.current) return
    const bounds = view.getBoundingClientRect()
    const top = frame.current.getBoundingClientRect().top + row.top
    if (top < bounds.top + margin) view.scrollTop += top - bounds.top - margin
    else if (top + row.height > bounds.bottom - margin)
      view.scrollTop += top + row.height - bounds.bottom + margin
  }, [])

  return { shown: { from: Math.min(shown.from, rows.length), to: Math.min(shown.to, rows.length) }, reveal }
}

const margin = 8

/** Scrolls so that the picture is where it was. */
function keep(place: Place | undefined, { frame, rows, assets }: WindowOptions): void {
  const view = scrollerOf(frame)
  if (!place || !view || !frame.current) return
  const row =
    rows[
      rowOf(
        rows,
        assets.findIndex(({ id }) => id === place.id),
      )
    ]
  if (!row) return
  const above = view.getBoundingClientRect().top - frame.current.getBoundingClientRect().top
  const off = row.top + place.above - above
  if (Math.abs(off) >= 1) view.scrollTop += off
}
