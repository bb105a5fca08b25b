import { useMutation } from '@tanstack/react-query'
import { CircleCheck, Pause, Play, X } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { useRights } from '../../api/rights.ts'
import { queries } from '../../api/queries.ts'
import { bytes, duration } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Meter } from '../../ui/page.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { Refusal } from '../downloads/refusal.tsx'
import type { Fetched } from '../downloads/under-way.ts'

/** A file on its way, where it was asked for. */
export function FetchState({ fetched, onAgain }: { fetched: Fetched; onAgain: () => void }) {
  const { download, file } = fetched
  const { status, bytesDone, bytesTotal } = file
  if (status === 'completed') {
    return (
      <p role="status" className="flex items-center gap-2 font-medium text-good">
        <CircleCheck size={16} aria-hidden /> It is here, and is being read into the library
      </p>
    )
  }
  if (status === 'failed') {
    return (
      <>
        <Refusal code={file.error?.code ?? ''} message={file.error?.message ?? 'It could not be fetched.'} />
        <Button onClick={onAgain}>Try again</Button>
      </>
    )
  }
  const share = isGiven(bytesTotal) && bytesTotal > 0 ? bytesDone / bytesTotal : undefined
  const words = {
    queued: 'Waiting its turn',
    running: share === undefined ? 'Being fetched' : `${Math.floor(100 * share)} %`,
    verifying: 'Checking its content',
    paused: 'Paused',
    canceled: 'Canceled',
  }[status]
  const speed = status === 'running' ? download.bytesPerSecond : undefined
  const left = status === 'running' ? download.etaSeconds : undefined
  return (
    <div role="status" className="flex flex-col gap-1.5">
      <p className="nums flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="font-medium text-busy">{words}</span>
        <span className="text-sm text-ink-2">
          {[
            isGiven(bytesTotal) ? `${bytes(bytesDone)} of ${bytes(bytesTotal)}` : bytes(bytesDone),
            speed && `${bytes(speed)}/s`,
            isGiven(left) && `${duration(left)} left`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      <Meter
        value={status === 'queued' ? 0 : share}
        label="Installing"
        tone={status === 'paused' ? 'warn' : 'accent'}
      />
      <Steps id={download.id} status={status} />
    </div>
  )
}

function Steps({ id, status }: { id: string; status: string }) {
  const rights = useRights()
  const act = useMutation({
    mutationFn: (step: () => Promise<unknown>) => step(),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['downloads'] }),
    onError: tellError,
  })
  if (!rights.fetch || status === 'verifying') return null
  return (
    <div className="flex gap-2">
      {status === 'paused' ? (
        <Button
          small
          icon={<Play size={14} aria-hidden />}
          onClick={() => act.mutate(() => easel.downloads.resume(id))}
        >
          Go on
        </Button>
      ) : (
        <Button
          small
          icon={<Pause size={14} aria-hidden />}
          onClick={() => act.mutate(() => easel.downloads.pause(id))}
        >
          Pause
        </Button>
      )}
      <Button
        small
        look="quiet"
        icon={<X size={14} aria-hidden />}
        onClick={() => act.mutate(() => easel.downloads.cancel(id))}
      >
        Cancel
      </Button>
    </div>
  )
}
