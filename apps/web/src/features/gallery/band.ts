import { useRef, useState } from 'react'
import { scrollerOf } from './window.ts'
import type { PointerEvent, RefObject } from 'react'
import type { Area } from './layout.ts'

type Point = { x: number; y: number }

/** So far a mouse goes before it draws a band: less is a click. */
const slack = 6
/** So near the edge of what is seen, it scrolls on. */
const edge = 48

type BandOptions = {
  frame: RefObject<HTMLElement | null>
  /** Hears of every change. */
  onArea: (area: Area, add: boolean) => void
}

/**
 * A rubber band drawn with the mouse, begun beside the pictures, or anywhere with Shift: a drag that begins on a picture
 * takes it along.
 */
export function useBand({ frame, onArea }: BandOptions) {
  const [area, setArea] = useState<Area>()
  const drawing = useRef<{ from: Point; pointer: Point; add: boolean; begun: boolean; timer: number }>(
    undefined,
  )
  /** The click that ends a band is none. */
  const drew = useRef(false)

  const inFrame = ({ x, y }: Point): Point => {
    const { left, top } = frame.current!.getBoundingClientRect()
    return { x: x - left, y: y - top }
  }
  const draw = () => {
    const band = drawing.current
    if (!band) return
    const to = inFrame(band.pointer)
    const next = {
      left: Math.min(band.from.x, to.x),
      right: Math.max(band.from.x, to.x),
      top: Math.min(band.from.y, to.y),
      bottom: Math.max(band.from.y, to.y),
    }
    setArea(next)
    onArea(next, band.add)
  }
  const scrollOn = () => {
    const band = drawing.current
    const view = scrollerOf(frame)
    if (!band || !view) return
    const { top, bottom } = view.getBoundingClientRect()
    const { y } = band.pointer
    const past = y < top + edge ? y - top - edge : y > bottom - edge ? y - bottom + edge : 0
    if (past !== 0) {
      view.scrollTop += past / 3
      draw()
    }
    band.timer = requestAnimationFrame(scrollOn)
  }
  const onPointerDown = (event: PointerEvent) => {
    drew.current = false
    if (event.button !== 0 || event.pointerType !== 'mouse') return
    if (!event.shiftKey && (event.target as Element).closest('[data-tile]')) return
    const pointer = { x: event.clientX, y: event.clientY }
    const add = event.shiftKey || event.ctrlKey || event.metaKey
    drawing.current = { from: inFrame(pointer), pointer, add, begun: false, timer: 0 }
  }
  const onPointerMove = (event: PointerEvent) => {
    const band = drawing.current
    if (!band) return
    if (event.buttons !== 1) return stop()
    band.pointer = { x: event.clientX, y: event.clientY }
    if (!band.begun) {
      const to = inFrame(band.pointer)
      if (Math.hypot(to.x - band.from.x, to.y - band.from.y) < slack) return
      band.begun = true
      drew.current = true
      event.currentTarget.setPointerCapture(event.pointerId)
      band.timer = requestAnimationFrame(scrollOn)
    }
    draw()
  }
  const stop = () => {
    if (drawing.current) cancelAnimationFrame(drawing.current.timer)
    drawing.current = undefined
    setArea(undefined)
  }
  return {
    area,
    /** Whether the click that comes now ended a band. */
    endedBy: () => {
      const ended = drew.current
      drew.current = false
      return ended
    },
    handlers: { onPointerDown, onPointerMove, onPointerUp: stop, onPointerCancel: stop },
  }
}
