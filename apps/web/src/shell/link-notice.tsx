import { Check, WifiOff } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { live } from '../api/live.ts'
import { Button } from '../ui/button.tsx'

/** A blink of the network is nothing to tell of. */
const noticeMs = 1_000
const backMs = 4_000

type Notice = { since: Date } | 'back' | undefined

/** Says when what is shown may be old, and when it no longer is. */
export function LinkNotice() {
  const notice = useNotice()
  return (
    <div role="status">
      {notice === 'back' && (
        <p className="flex items-center gap-2 border-b bg-panel px-4 py-1.5 text-sm text-good">
          <Check size={16} aria-hidden /> The server is back. What you see is up to date.
        </p>
      )}
      {notice !== undefined && notice !== 'back' && (
        <div className="flex items-center gap-2 border-b bg-panel px-4 py-1 text-sm text-warn">
          <WifiOff size={16} className="shrink-0" aria-hidden />
          <span className="min-w-0 flex-1">
            The server cannot be reached. What you see is from{' '}
            <time dateTime={notice.since.toISOString()}>
              {notice.since.toLocaleTimeString(undefined, { timeStyle: 'short' })}
            </time>
            ; it is tried again by itself.
          </span>
          <Button small look="quiet" onClick={live.retryNow}>
            Try now
          </Button>
        </div>
      )}
    </div>
  )
}

function useNotice(): Notice {
  const state = useSyncExternalStore(live.watch, live.state)
  const [notice, setNotice] = useState<Notice>()
  const wasTold = useRef(false)
  useEffect(() => {
    if (state === 'lost') {
      const since = new Date()
      const timer = setTimeout(() => {
        wasTold.current = true
        setNotice({ since })
      }, noticeMs)
      return () => clearTimeout(timer)
    }
    if (state !== 'live' || !wasTold.current) {
      if (state === 'ended') setNotice(undefined)
      return
    }
    wasTold.current = false
    setNotice('back')
    const timer = setTimeout(() => setNotice(undefined), backMs)
    return () => clearTimeout(timer)
  }, [state])
  return notice
}
