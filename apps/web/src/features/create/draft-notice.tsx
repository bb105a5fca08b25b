import { TriangleAlert } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { ago } from '../../lib/format.ts'
import { sentenceOf } from './say.ts'
import type { SessionView } from '@easel/client'

type DraftNoticeProps = {
  theirs: SessionView | undefined
  trouble: unknown
  takeTheirs: () => void
  keepMine: () => void
}

/** Two windows have changed one session, or nothing can be saved now. */
export function DraftNotice({ theirs, trouble, takeTheirs, keepMine }: DraftNoticeProps) {
  if (theirs) {
    return (
      <Notice>
        <p className="min-w-0 flex-1 basis-72">
          <strong className="font-medium">This session was changed in another window</strong>,{' '}
          {ago(theirs.updatedAt)}. Yours is not saved until you choose.
        </p>
        <Button small onClick={takeTheirs}>
          Show the other
        </Button>
        <Button small look="primary" onClick={keepMine}>
          Keep mine
        </Button>
      </Notice>
    )
  }
  if (trouble === undefined) return null
  return (
    <Notice>
      <p className="min-w-0 flex-1">
        <strong className="font-medium">Your changes are not saved:</strong> {sentenceOf(trouble)}
      </p>
    </Notice>
  )
}

function Notice({ children }: { children: React.ReactNode }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-panel border border-warn/60 bg-panel px-3 py-2"
    >
      <TriangleAlert size={17} className="shrink-0 text-warn" aria-hidden />
      {children}
    </div>
  )
}
