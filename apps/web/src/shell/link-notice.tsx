import { WifiOff } from 'lucide-react'
import { live } from '../api/live.ts'
import { Button } from '../ui/button.tsx'
import type { LinkState } from '../api/live.ts'

/** Says when what is shown may be old. */
export function LinkNotice({ state }: { state: LinkState }) {
  if (state !== 'lost') return null
  return (
    <div role="status" className="flex items-center gap-2 border-b bg-panel px-4 py-1 text-sm text-warn">
      <WifiOff size={16} aria-hidden />
      <span className="min-w-0 flex-1">
        The server cannot be reached. What you see may be old; it comes back by itself.
      </span>
      <Button small look="quiet" onClick={live.retryNow}>
        Try now
      </Button>
    </div>
  )
}
