import { useCallback, useMemo, useRef, useState } from 'react'

export type Selection = {
  ids: ReadonlySet<string>
  /** `range`: from the last one that was chosen up to this. */
  toggle: (id: string, range: boolean) => void
  set: (ids: readonly string[]) => void
  clear: () => void
}

/** `order`: the ids as they are shown. */
export function useSelection(order: readonly string[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const anchor = useRef<string | undefined>(undefined)
  const shown = useRef(order)
  shown.current = order
  const toggle = useCallback((id: string, range: boolean) => {
    const from = anchor.current === undefined ? -1 : shown.current.indexOf(anchor.current)
    const to = shown.current.indexOf(id)
    if (range && from >= 0 && to >= 0) {
      const between = shown.current.slice(Math.min(from, to), Math.max(from, to) + 1)
      setIds((before) => new Set([...before, ...between]))
      return
    }
    anchor.current = id
    setIds((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
  }, [])
  const set = useCallback((chosen: readonly string[]) => setIds(new Set(chosen)), [])
  const clear = useCallback(() => setIds(new Set()), [])
  return useMemo(() => ({ ids, toggle, set, clear }), [ids, toggle, set, clear])
}
