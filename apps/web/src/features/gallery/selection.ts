import { useCallback, useMemo, useRef, useState } from 'react'

export type Selection = {
  ids: ReadonlySet<string>
  toggle: (id: string) => void
  /** From the last one that was chosen up to this. */
  extend: (id: string) => void
  set: (ids: Iterable<string>) => void
  clear: () => void
}

const nobody: ReadonlySet<string> = new Set()

/** `order`: the ids as they are shown. */
export function useSelection(order: readonly string[]): Selection {
  const [ids, setIds] = useState(nobody)
  const anchor = useRef<string | undefined>(undefined)
  const shown = useRef(order)
  shown.current = order
  const toggle = useCallback((id: string) => {
    anchor.current = id
    setIds((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
  }, [])
  const extend = useCallback((id: string) => {
    const between = rangeOf(shown.current, anchor.current, id)
    anchor.current ??= id
    setIds((before) => new Set([...before, ...between]))
  }, [])
  const set = useCallback((chosen: Iterable<string>) => setIds(new Set(chosen)), [])
  const clear = useCallback(() => {
    anchor.current = undefined
    setIds(nobody)
  }, [])
  return useMemo(() => ({ ids, toggle, extend, set, clear }), [ids, toggle, extend, set, clear])
}

/** Both ends and all between them; only `to` when `from` is not there. */
export function rangeOf(order: readonly string[], from: string | undefined, to: string): readonly string[] {
  const start = from === undefined ? -1 : order.indexOf(from)
  const end = order.indexOf(to)
  if (start < 0 || end < 0) return [to]
  return order.slice(Math.min(start, end), Math.max(start, end) + 1)
}
