import { useEffect, useRef, useState } from 'react'
import { held, swipeOf, toggled, zoomed } from './zoom-view.ts'
import type { Dispatch, MouseEvent, PointerEvent, RefObject, SetStateAction } from 'react'
import type { Frame, Swipe, View } from './zoom-view.ts'

type Point = { x: number; y: number }

type GesturesOptions = {
  stage: RefObject<HTMLElement | null>
  view: View
  setView: Dispatch<SetStateAction<View>>
  sizes: () => Frame
  onSwipe: (swipe: Swipe) => void
}

/** Wheel, double click, drag, two fingers; and one finger that swipes while the whole picture is seen. */
export function useGestures(options: GesturesOptions) {
  const { view, setView } = options
  const pointers = useRef(new Map<number, Point>())
  const began = useRef<{ at: Point; time: number; swipes: boolean }>(undefined)
  const [swiped, setSwiped] = useState<Point>({ x: 0, y: 0 })
  const [isHeld, setIsHeld] = useState(false)
  const latest = useRef(options)
  latest.current = options

  const fromMiddle = ({ x, y }: Point): Point => {
    const { left, top, width, height } = latest.current.stage.current!.getBoundingClientRect()
    return { x: x - left - width / 2, y: y - top - height / 2 }
  }

  // React's own wheel listener may not keep the browser from zooming the page.
  useEffect(() => {
    const stage = latest.current.stage.current!
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      // Lines, not pixels, in Firefox; a pinch on a touchpad comes as a wheel with Ctrl.
      const pixels = event.deltaMode === 1 ? event.deltaY * 20 : event.deltaY
      const factor = Math.exp(-pixels / (event.ctrlKey ? 100 : 400))
      const point = fromMiddle({ x: event.clientX, y: event.clientY })
      latest.current.setView((before) => zoomed(before, { factor, point }, latest.current.sizes()))
    }
    stage.addEventListener('wheel', onWheel, { passive: false })
    return () => stage.removeEventListener('wheel', onWheel)
  }, [])

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest('button')) return
    const at = { x: event.clientX, y: event.clientY }
    pointers.current.set(event.pointerId, at)
    event.currentTarget.setPointerCapture(event.pointerId)
    setIsHeld(true)
    const swipes = pointers.current.size === 1 && view.scale === 1 && event.pointerType !== 'mouse'
    began.current = { at, time: event.timeStamp, swipes }
    if (!swipes) setSwiped({ x: 0, y: 0 })
  }
  const onPointerMove = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId)
    if (!before) return
    const now = { x: event.clientX, y: event.clientY }
    pointers.current.set(event.pointerId, now)
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1]
    if (other) pinch({ before, now, other })
    else if (began.current?.swipes)
      setSwiped({ x: now.x - began.current.at.x, y: Math.max(0, now.y - began.current.at.y) })
    else if (view.scale > 1)
      setView(({ scale, x, y }) =>
        held({ scale, x: x + now.x - before.x, y: y + now.y - before.y }, options.sizes()),
      )
  }
  const pinch = ({ before, now, other }: { before: Point; now: Point; other: Point }) => {
    const distance = (point: Point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y))
    const factor = distance(now) / distance(before)
    const point = fromMiddle({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 })
    setView((view) => zoomed(view, { factor, point }, options.sizes()))
  }
  const onPointerUp = (event: PointerEvent) => {
    if (!pointers.current.delete(event.pointerId)) return
    const from = began.current
    if (pointers.current.size > 0) return
    setIsHeld(false)
    setSwiped({ x: 0, y: 0 })
    began.current = undefined
    if (!from?.swipes || event.type === 'pointercancel') return
    const way = { x: event.clientX - from.at.x, y: event.clientY - from.at.y }
    const swipe = swipeOf(way, event.timeStamp - from.time)
    if (swipe) options.onSwipe(swipe)
  }
  const onDoubleClick = (event: MouseEvent) => {
    if ((event.target as Element).closest('button')) return
    const point = fromMiddle({ x: event.clientX, y: event.clientY })
    setView((before) => toggled(before, point, options.sizes()))
  }
  return {
    swiped,
    isHeld,
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp, onDoubleClick },
  }
}
