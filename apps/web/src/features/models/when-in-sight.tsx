import { useEffect, useRef } from 'react'
import { Button } from '../../ui/button.tsx'

const ahead = '800px'

/** The end of a list that has more: that is asked for before somebody gets there. The button is for who never does. */
export function WhenInSight({ busy, onSight }: { busy: boolean; onSight: () => void }) {
  const end = useRef<HTMLDivElement>(null)
  const act = useRef<() => void>(undefined)
  act.current = busy ? undefined : onSight
  useEffect(() => {
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) act.current?.()
      },
      { root: end.current?.closest('main') ?? null, rootMargin: `0px 0px ${ahead} 0px` },
    )
    watcher.observe(end.current!)
    return () => watcher.disconnect()
  }, [])
  return (
    <div ref={end} className="flex justify-center py-2">
      <Button disabled={busy} onClick={onSight}>
        {busy ? 'Loading …' : 'More'}
      </Button>
    </div>
  )
}
