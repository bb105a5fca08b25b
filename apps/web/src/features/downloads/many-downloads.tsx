import { useMutation } from '@tanstack/react-query'
import { Pause, Play, RotateCcw, X } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import type { ActOnDownloads, DownloadView } from '@easel/client'
import type { ReactNode } from 'react'

type Action = ActOnDownloads['action']

const fits: Record<Action, readonly DownloadView['status'][]> = {
  pause: ['queued', 'running'],
  resume: ['paused'],
  retry: ['failed'],
  cancel: ['queued', 'running', 'verifying', 'paused', 'failed'],
}

/** What is done to several at once: to those that are chosen, else to all in sight. */
export function ManyDownloads({
  shown,
  chosen,
  setChosen,
}: {
  shown: readonly DownloadView[]
  chosen: ReadonlySet<string>
  setChosen: (chosen: ReadonlySet<string>) => void
}) {
  const [sure, setSure] = useState(false)
  const meant = shown.filter(({ id }) => chosen.size === 0 || chosen.has(id))
  const act = useMutation({
    mutationFn: ({ action, ids }: { action: Action; ids: string[] }) => easel.downloads.act({ action, ids }),
    onSuccess: ({ unchanged }) => {
      setChosen(new Set())
      if (unchanged.length > 0) tell(`${count(unchanged.length, 'download')} had changed meanwhile`)
      void queries.invalidateQueries({ queryKey: ['downloads'] })
    },
    onError: tellError,
  })
  const idsFor = (action: Action) =>
    meant.filter(({ status }) => fits[action].includes(status)).map(({ id }) => id)
  const button = (action: Action, words: string, icon: ReactNode) => {
    const ids = idsFor(action)
    // One alone has its own buttons.
    if (ids.length === 0 || (chosen.size === 0 && ids.length === 1)) return null
    return (
      <Button
        small
        look="quiet"
        icon={icon}
        disabled={act.isPending}
        onClick={() => act.mutate({ action, ids })}
      >
        {words} {chosen.size === 0 ? `all ${ids.length}` : ids.length}
      </Button>
    )
  }
  const cancelable = idsFor('cancel')
  if (shown.length < 2) return null
  return (
    <div
      className="flex min-h-11 flex-wrap items-center gap-1 border-b px-4 text-sm"
      role="toolbar"
      aria-label="Several downloads"
    >
      <label className="mr-2 flex items-center gap-3 text-ink-2">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={chosen.size > 0 && shown.every(({ id }) => chosen.has(id))}
          ref={(box) => {
            if (box) box.indeterminate = chosen.size > 0 && !shown.every(({ id }) => chosen.has(id))
          }}
          onChange={({ target }) => setChosen(new Set(target.checked ? shown.map(({ id }) => id) : []))}
        />
        {chosen.size === 0 ? 'Choose all' : `${chosen.size} chosen`}
      </label>
      {button('pause', 'Pause', <Pause size={15} aria-hidden />)}
      {button('resume', 'Go on with', <Play size={15} aria-hidden />)}
      {button('retry', 'Try again', <RotateCcw size={15} aria-hidden />)}
      {chosen.size > 0 && cancelable.length > 0 && (
        <Button
          small
          look={sure ? 'danger' : 'quiet'}
          icon={<X size={15} aria-hidden />}
          disabled={act.isPending}
          onBlur={() => setSure(false)}
          onClick={() => (sure ? act.mutate({ action: 'cancel', ids: cancelable }) : setSure(true))}
        >
          {sure ? `Really cancel ${cancelable.length}` : `Cancel ${cancelable.length}`}
        </Button>
      )}
    </div>
  )
}

const clearedKey = 'easel.downloads-cleared'

/** What had ended before is no longer shown under All, in this browser: nothing is deleted. */
export const clearedAt = (): string | undefined => localStorage.getItem(clearedKey) ?? undefined

export function clearFinished(): string {
  const now = new Date().toISOString()
  localStorage.setItem(clearedKey, now)
  return now
}
