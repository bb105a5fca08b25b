import type { SessionView, WorkflowAnalysis } from '@easel/client'
import type { Draft } from './draft.ts'

/** An opened workflow with its form. */
export type FormOptions = {
  draft: Draft
  update: (draft: Draft) => void
  analysis: WorkflowAnalysis
  session: SessionView
}
