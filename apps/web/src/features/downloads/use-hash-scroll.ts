import { useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { RefObject } from 'react'

/** Scrolls to what the address names once it, and what stands before it, has its size. */
export function useHashScroll(id: string, ready: boolean): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null)
  const isMeant = useLocation({ select: ({ hash }) => hash === id })
  useEffect(() => {
    if (isMeant && ready) box.current?.scrollIntoView({ block: 'start' })
  }, [isMeant, ready])
  return box
}
