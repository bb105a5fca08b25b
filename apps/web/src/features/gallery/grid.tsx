import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { boxesIn, justify, ratioOf } from './layout.ts'
import { Tile } from './tile.tsx'
import type { PointerEvent, RefObject } from 'react'
import type { AssetView } from '@easel/client'
import type { Area } from './layout.ts'
import type { Selection } from './selection.ts'

type GridProps = {
  assets: readonly AssetView[]
  selection: Selection
  scroller: RefObject<HTMLElement | null>
  onOpen: (id: string) => void
  /** The end comes into sight. */
  onEnd: () => void
}

const gap = 4
/** Rows beyond the edge of what is seen. */
const overscan = 4

/** A justified grid of which only what is near the view is in the document. */
export function Grid({ assets, selection, scroller, onOpen, onEnd }: GridProps) {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)))
    observer.observe(frame.current!)
    return () => observer.disconnect()
  }, [])
  const rows = useMemo(
    () => (width === 0 ? [] : justify(assets.map(ratioOf), { width, height: width < 600 ? 140 : 220, gap })),
    [assets, width],
  )
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.height ?? 0) + gap,
    overscan,
    scrollMargin: frame.current?.offsetTop ?? 0,
  })
  useEffect(() => virtual.measure(), [rows, virtual])
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 3) onEnd()
  }, [last, rows.length, onEnd])
  const band = useBand(frame, (area) => selection.set(boxesIn(rows, area).map((index) => assets[index]!.id)))
  const selecting = selection.ids.size > 0
  return (
    <div
      ref={frame}
      className="relative min-h-24 touch-pan-y select-none"
      style={{ height: virtual.getTotalSize() }}
      {...band.handlers}
    >
      {shown.map(({ index }) => {
        const row = rows[index]!
        return (
          <div
            key={index}
            className="absolute inset-x-0"
            style={{ transform: `translateY(${row.top}px)`, height: row.height }}
          >
            {row.boxes.map((box) => {
              const asset = assets[box.index]!
              return (
                <div key={asset.id} className="absolute top-0" style={{ left: box.left }}>
                  <Tile
                    asset={asset}
                    width={box.width}
                    height={row.height}
                    isSelected={selection.ids.has(asset.id)}
                    selecting={selecting}
                    onOpen={onOpen}
                    onSelect={selection.toggle}
                  />
                </div>
              )
            })}
          </div>
        )
      })}
      {band.area && (
        <div
          className="pointer-events-none absolute border border-accent bg-accent/15"
          style={{
            left: band.area.left,
            top: band.area.top,
            width: band.area.right - band.area.left,
            height: band.area.bottom - band.area.top,
          }}
        />
      )}
    </div>
  )
}

/** So far a mouse goes before it draws a band: less is a click. */
const slack = 6

/** A rubber band drawn with the mouse; `onArea` hears of every change. */
function useBand(frame: RefObject<HTMLDivElement | null>, onArea: (area: Area) => void) {
  const [area, setArea] = useState<Area>()
  const start = useRef<{ x: number; y: number } | undefined>(undefined)
  const place = ({ clientX, clientY }: PointerEvent) => {
    const { left, top } = frame.current!.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  const onPointerDown = (event: PointerEvent) => {
    if (event.button === 0 && event.pointerType === 'mouse' && !event.shiftKey) start.current = place(event)
  }
  const onPointerMove = (event: PointerEvent) => {
    const from = start.current
    if (!from || event.buttons !== 1) return
    const to = place(event)
    if (!area && Math.hypot(to.x - from.x, to.y - from.y) < slack) return
    if (!area) frame.current!.setPointerCapture(event.pointerId)
    const next = {
      left: Math.min(from.x, to.x),
      right: Math.max(from.x, to.x),
      top: Math.min(from.y, to.y),
      bottom: Math.max(from.y, to.y),
    }
    setArea(next)
    onArea(next)
  }
  const onPointerUp = () => {
    start.current = undefined
    setArea(undefined)
  }
  return { area, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp } }
}
