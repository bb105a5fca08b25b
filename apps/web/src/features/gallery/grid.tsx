import { useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useBand } from './band.ts'
import { useDragOut } from './drag-out.ts'
import { useGridKeys } from './grid-keys.ts'
import { boxesIn, justify, ratioOf, rowOf } from './layout.ts'
import { useLongPress } from './long-press.ts'
import { Tile } from './tile.tsx'
import { useWindow } from './window.ts'
import type { KeyboardEvent, MouseEvent, Ref, RefObject } from 'react'
import type { AssetView } from '@easel/client'
import type { Area, Row } from './layout.ts'
import type { Selection } from './selection.ts'
import type { Place } from './window.ts'

export type GridHandle = { focus: (id: string) => void }

type GridProps = {
  ref: Ref<GridHandle>
  assets: readonly AssetView[]
  /** There are more to be read. */
  more: boolean
  /** So many at the start came while the reader looked. */
  fresh: number
  selection: Selection
  start: Place | undefined
  onPlace: (place: Place | undefined) => void
  onOpen: (id: string) => void
  onEnd: () => void
  /** A key that is none of the grid's own, on a picture. */
  onKey: (event: KeyboardEvent, asset: AssetView) => void
}

export const gap = 4
export const rowHeight = (width: number) => (width < 600 ? 130 : width < 1600 ? 220 : 250)
const hasMouse = matchMedia('(pointer: fine)')

/** A justified grid of which only what is near the view is in the document. */
export function Grid(props: GridProps) {
  const { ref, assets, more, fresh, selection, start, onPlace, onOpen, onEnd, onKey } = props
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const rows = useMemo(() => {
    if (width === 0) return []
    const all = justify(assets.map(ratioOf), { width, height: rowHeight(width), gap, fresh })
    // What comes next goes into the last row, too: shown before, its pictures would move.
    return more && all.length > 1 ? all.slice(0, -1) : all
  }, [assets, width, fresh, more])
  const { shown, reveal } = useWindow({ frame, rows, assets, start, onPlace, onEnd })
  const keys = useGridKeys({ frame, rows, assets, selection, reveal, onOpen, onKey })
  useImperativeHandle(ref, () => ({ focus: keys.focus }), [keys.focus])

  const before = useRef<ReadonlySet<string>>(new Set())
  const onArea = (area: Area, add: boolean) => {
    const inside = boxesIn(rows, area).map((index) => assets[index]!.id)
    selection.set(add ? [...before.current, ...inside] : inside)
  }
  const band = useBand({ frame, onArea })
  const press = useLongPress(selection.toggle)
  const drag = useDragOut(assets)
  const onClick = (event: MouseEvent) => {
    if (band.endedBy() || press.endedBy()) return
    const tile = tileOf(event.target)
    if (!tile) return selection.clear()
    const what = (event.target as Element).closest<HTMLElement>('[data-press]')?.dataset['press']
    keys.setCurrent(tile)
    if (event.shiftKey) selection.extend(tile)
    else if (what === 'select' || event.ctrlKey || event.metaKey || selection.ids.size > 0)
      selection.toggle(tile)
    else onOpen(tile)
  }
  const last = rows.at(-1)
  const current = assets.findIndex(({ id }) => id === keys.current)
  const inSight = rows.slice(shown.from, shown.to)
  const own = rowOf(rows, current)
  // Out of the document it would lose the focus.
  const kept = own < 0 || (own >= shown.from && own < shown.to) ? [] : [alone(rows[own]!, current)]
  const firstInSight = inSight[0]?.boxes[0]?.index ?? 0
  return (
    <div
      className="-mx-4 -mb-4 min-h-[60dvh] flex-1 px-4 pb-4 md:-mx-6 md:-mb-6 md:px-6 md:pb-6"
      onClick={onClick}
      {...band.handlers}
      onPointerDown={(event) => {
        before.current = selection.ids
        band.handlers.onPointerDown(event)
        press.onPointerDown(event)
      }}
    >
      <div
        ref={frame}
        role="group"
        aria-label="Pictures"
        data-selecting={selection.ids.size > 0 || undefined}
        className="group/grid relative touch-pan-y select-none [overflow-anchor:none]"
        style={{ height: last ? last.top + last.height : 0 }}
        onKeyDown={keys.onKeyDown}
        onFocus={keys.onFocus}
        onContextMenu={press.onContextMenu}
        {...drag}
      >
        {[...inSight, ...kept].flatMap(({ top, height, boxes }) =>
          boxes.map(({ index, left, width: wide }) => {
            const asset = assets[index]!
            return (
              <Tile
                key={asset.id}
                asset={asset}
                left={left}
                top={top}
                width={wide}
                height={height}
                isSelected={selection.ids.has(asset.id)}
                isCurrent={current < 0 ? index === firstInSight : index === current}
                canDrag={hasMouse.matches}
              />
            )
          }),
        )}
        {band.area && <Band area={band.area} />}
      </div>
    </div>
  )
}

const alone = (row: Row, index: number): Row => ({
  ...row,
  boxes: row.boxes.filter((box) => box.index === index),
})

const tileOf = (target: EventTarget): string | undefined =>
  (target as Element).closest<HTMLElement>('[data-tile]')?.dataset['tile']

/** Known before the first picture is drawn, so that a place can be found again. */
function useWidth(frame: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.floor(frame.current!.clientWidth))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(frame.current!)
    return () => observer.disconnect()
  }, [frame])
  return width
}

function Band({ area }: { area: Area }) {
  const { left, top, right, bottom } = area
  return (
    <div
      className="pointer-events-none absolute border border-accent bg-accent/15"
      style={{ left, top, width: right - left, height: bottom - top }}
    />
  )
}
