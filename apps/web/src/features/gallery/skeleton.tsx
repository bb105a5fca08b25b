import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { gap, rowHeight } from './grid.tsx'
import { justify } from './layout.ts'

const ratios = Array.from(
  { length: 60 },
  (_, index) => [1.5, 0.67, 1, 1.78, 0.8, 1.33, 0.75][(index * 5) % 7]!,
)

/** The shape of the grid in grey, and only when it takes long enough to be noticed. */
export function Skeleton() {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [shown, setShown] = useState(false)
  useLayoutEffect(() => setWidth(frame.current!.clientWidth), [])
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200)
    return () => clearTimeout(timer)
  }, [])
  const rows =
    width === 0 || !shown ? [] : justify(ratios, { width, height: rowHeight(width), gap }).slice(0, 6)
  return (
    <div ref={frame} role="status" aria-label="Loading" className="relative h-[70dvh] overflow-hidden">
      {rows.flatMap(({ top, height, boxes }) =>
        boxes.map((box) => (
          <div
            key={box.index}
            className="absolute animate-pulse rounded-[4px] bg-hover"
            style={{ left: box.left, top, width: box.width, height }}
          />
        )),
      )}
    </div>
  )
}
