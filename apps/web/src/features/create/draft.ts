import { useCallback, useEffect, useRef, useState } from 'react'
import { EaselError } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import type { SessionView } from '@easel/client'
import type { SeedRule, Values } from './form-model.ts'

/** What a session remembers of its form. */
export type Draft = {
  name: string
  graph: Record<string, unknown>
  values: Values
  times: number
  seeds: SeedRule
}

const restMs = 800

export function readDraft(session: SessionView | undefined): Draft | undefined {
  const draft = session?.draft as Partial<Draft> | null | undefined
  if (!draft || typeof draft.graph !== 'object' || draft.graph === null) return undefined
  return {
    name: draft.name ?? 'Workflow',
    graph: draft.graph,
    values: draft.values ?? {},
    times: draft.times ?? 1,
    seeds: draft.seeds ?? 'random',
  }
}

/**
 * The draft of a session, kept on the server a moment after each change. When another tab has saved in between, its
 * draft is shown and this one's is told to be old: nothing is overwritten.
 */
export function useDraft(session: SessionView) {
  const [draft, setDraft] = useState(() => readDraft(session))
  const revision = useRef(session.revision)
  const waiting = useRef<Draft | undefined>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const saving = useRef<Promise<void>>(Promise.resolve())

  const save = useCallback(async () => {
    const next = waiting.current
    if (!next) return
    waiting.current = undefined
    try {
      const saved = await easel.sessions.update(session.id, revision.current, { draft: next })
      revision.current = saved.revision
    } catch (error) {
      if (!(error instanceof EaselError) || error.status !== 412) return tellError(error)
      const now = await easel.sessions.get(session.id)
      revision.current = now.revision
      setDraft(readDraft(now))
      tell('This session was changed elsewhere', { description: 'Its newer state is shown now.' })
    }
  }, [session.id])

  const flush = useCallback(() => {
    clearTimeout(timer.current)
    saving.current = saving.current.then(save, save)
  }, [save])

  const update = useCallback(
    (next: Draft) => {
      setDraft(next)
      waiting.current = next
      clearTimeout(timer.current)
      timer.current = setTimeout(flush, restMs)
    },
    [flush],
  )

  useEffect(() => {
    const onHide = () => flush()
    addEventListener('pagehide', onHide)
    return () => {
      removeEventListener('pagehide', onHide)
      flush()
    }
  }, [flush])
  return { draft, update }
}
