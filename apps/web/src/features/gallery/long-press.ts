import { useEffect, useRef } from 'react'
import type { MouseEvent, PointerEvent } from 'react'

const pressMs = 450
/** So far a finger may slip. */
const slack = 10

/** A finger that rests on a picture selects it. */
export function useLongPress(onPress: (id: string) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const pressed = useRef(false)
  useEffect(() => () => clearTimeout(timer.current), [])

  const onPointerDown = (event: PointerEvent) => {
    pressed.current = false
    clearTimeout(timer.current)
    const tile = (event.target as Element).closest<HTMLElement>('[data-tile]')?.dataset['tile']
    if (event.pointerType === 'mouse' || tile === undefined || !event.isPrimary) return
    const { clientX, clientY } = event
    const end = new AbortController()
    timer.current = setTimeout(() => {
      end.abort()
      pressed.current = true
      navigator.vibrate?.(10)
      onPress(tile)
    }, pressMs)
    const cancel = () => {
      clearTimeout(timer.current)
      end.abort()
    }
    const onMove = (moved: globalThis.PointerEvent) => {
      if (Math.hypot(moved.clientX - clientX, moved.clientY - clientY) > slack) cancel()
    }
    const { signal } = end
    addEventListener('pointermove', onMove, { signal })
    addEventListener('pointerup', cancel, { signal })
    addEventListener('pointercancel', cancel, { signal })
  }
  /** A finger's own menu would come in between. */
  const onContextMenu = (event: MouseEvent) => {
    if ((event.nativeEvent as globalThis.PointerEvent).pointerType === 'touch') event.preventDefault()
  }
  return {
    /** Whether the click that comes now ended a long press. */
    endedBy: () => {
      const ended = pressed.current
      pressed.current = false
      return ended
    },
    onPointerDown,
    onContextMenu,
  }
}
