import { stringifyJson } from '@easel/protocol'
import { isGiven } from '../../lib/given.ts'
import type { SessionView } from '@easel/client'
import type { SeedRule, Values } from './form-model.ts'

/** What a session remembers of its form. */
export type Draft = {
  name: string
  graph: Record<string, unknown>
  values: Values
  times: number
  seeds: SeedRule
  /** Keys of seeds that stay as they are, whatever the rule. */
  locked: readonly string[]
  /** The saved workflow that it was opened from. */
  saved?: { id: string; version: number }
}

/** The draft of a session, as this page or an earlier one wrote it; undefined when no workflow was picked yet. */
export function readDraft(session: Pick<SessionView, 'draft'> | undefined): Draft | undefined {
  const draft = session?.draft as Partial<Draft> | null | undefined
  if (!isGiven(draft) || typeof draft.graph !== 'object' || draft.graph === null) return undefined
  return {
    name: draft.name ?? 'Workflow',
    graph: draft.graph,
    values: draft.values ?? {},
    times: draft.times ?? 1,
    seeds: draft.seeds ?? 'random',
    locked: draft.locked ?? [],
    ...(draft.saved && { saved: draft.saved }),
  }
}

/** The same text says the same draft. */
export const textOf = (draft: object | null | undefined): string =>
  isGiven(draft) ? stringifyJson(draft) : ''
