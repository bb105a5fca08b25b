import { useEffect, useState, useSyncExternalStore } from 'react'
import { DraftKeeper } from './draft-keeper.ts'
import type { SessionView } from '@easel/client'

/** The draft of a session; its component is keyed by the session. */
export function useDraft(session: SessionView) {
  const [keeper] = useState(() => new DraftKeeper(session))
  const state = useSyncExternalStore(keeper.watch, keeper.state)
  useEffect(() => keeper.hear(session), [keeper, session])
  useEffect(() => keeper.open(), [keeper])
  return { ...state, update: keeper.update, takeTheirs: keeper.takeTheirs, keepMine: keeper.keepMine }
}
