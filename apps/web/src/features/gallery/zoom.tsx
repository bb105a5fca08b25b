import { useRef, useState } from 'react'
import type { PointerEvent, WheelEvent } from 'react'
import type { AssetView } from '@easel/client'

type View = { scale: number; x: number; y: number }

const whole: View = { scale: 1, x: 0, y: 0 }
const most = 16

/** A picture that fits; the wheel, a double click and two fingers come nearer, dragging moves. */
export function Zoom({ asset, alt }: { asset: AssetView; alt: string }) {
  const frame = useRef<HTMLDivElement>(null)
  const [view, setView] = useState(whole)
  const [loaded, setLoaded] = useState(false)
  const fingers = useRef(new Map<number, { x: number; y: number }>())
  const zoomAt = (factor: number, { clientX, clientY }: { clientX: number; clientY: number }) => {
    const { left, top, width, height } = frame.current!.getBoundingClientRect()
    const [px, py] = [clientX - left - width / 2, clientY - top - height / 2]
    setView((before) => {
      const scale = Math.min(most, Math.max(1, before.scale * factor))
      if (scale === 1) return whole
      const ratio = scale / before.scale
      return { scale, x: px - (px - before.x) * ratio, y: py - (py - before.y) * ratio }
    })
  }
  const onPointerMove = (event: PointerEvent) => {
    const before = fingers.current.get(event.pointerId)
    if (!before) return
    const others = [...fingers.current].filter(([id]) => id !== event.pointerId).map(([, place]) => place)
    const now = { x: event.clientX, y: event.clientY }
    fingers.current.set(event.pointerId, now)
    const [other] = others
    if (other) {
      const distance = (place: { x: number; y: number }) => Math.hypot(place.x - other.x, place.y - other.y)
      zoomAt(distance(now) / Math.max(1, distance(before)), {
        clientX: (now.x + other.x) / 2,
        clientY: (now.y + other.y) / 2,
      })
    } else if (view.scale > 1) {
      setView(({ scale, x, y }) => ({ scale, x: x + now.x - before.x, y: y + now.y - before.y }))
    }
  }
  const onPointerDown = (event: PointerEvent) => {
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
    frame.current!.setPointerCapture(event.pointerId)
  }
  const onPointerUp = (event: PointerEvent) => void fingers.current.delete(event.pointerId)
  return (
    <div
      ref={frame}
      className="grid size-full touch-none place-items-center overflow-hidden"
      style={{ cursor: view.scale > 1 ? 'grab' : 'zoom-in' }}
      onWheel={(event: WheelEvent) => zoomAt(Math.exp(-event.deltaY / 400), event)}
      onDoubleClick={(event) => (view.scale > 1 ? setView(whole) : zoomAt(3, event))}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
    >
      <div
        className="relative size-full"
        style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
      >
        {!loaded && asset.thumbnail === 'ready' && (
          <img
            src={`/api/assets/${asset.id}/thumbnail?size=512`}
            alt=""
            className="absolute inset-0 size-full object-contain"
          />
        )}
        <img
          src={asset.url}
          alt={alt}
          draggable={false}
          onLoad={() => setLoaded(true)}
          className="absolute inset-0 size-full object-contain"
          style={view.scale >= 4 ? { imageRendering: 'pixelated' } : undefined}
        />
      </div>
    </div>
  )
}
