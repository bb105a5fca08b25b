import { Ban, CircleAlert, File, Hourglass, RotateCcw, WandSparkles, X } from 'lucide-react'
import clsx from 'clsx'
import { memo } from 'react'
import { isEnded } from '@easel/client'
import { ago, exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Status } from '../../ui/page.tsx'
import { nameOf, stateOf, statusWords } from './job-words.ts'
import { useCancel, useJob, useRetry } from './jobs.ts'
import type { LucideIcon } from 'lucide-react'
import type { JobView } from '@easel/client'

type RowProps = {
  /** As the list has it. */
  job: JobView
  isOpen: boolean
  onToggle: (id: string) => void
  /** Whose it is, where that may be asked. */
  who?: string | undefined
  canWrite: boolean
  /** Since the list was read, in seconds: what was left then is less by so much. */
  agedSeconds?: number
}

/** One of hundreds: it is drawn again only when something of it has changed. */
export const JobRow = memo(function JobRow({
  job: listed,
  isOpen,
  onToggle,
  who,
  canWrite,
  agedSeconds = 0,
}: RowProps) {
  const known = useJob(listed)
  const job = { ...known, etaSeconds: leftOf(known.etaSeconds, agedSeconds) }
  const { name, tone } = statusWords[job.status]
  const title = nameOf(job)
  const isUnderWay = job.status === 'running' || job.status === 'canceling'
  return (
    <li
      className={clsx(
        'relative [contain-intrinsic-size:auto_64px] [content-visibility:auto]',
        isOpen ? 'bg-accent-soft' : 'hover:bg-hover/60',
      )}
    >
      <div className="flex min-h-16 items-center gap-3 px-3 py-2 md:px-4">
        <Picture job={job} />
        <button
          type="button"
          id={rowId(job.id)}
          aria-expanded={isOpen}
          onClick={() => onToggle(job.id)}
          className="min-w-0 flex-1 rounded-control text-left after:absolute after:inset-0"
        >
          <span className="flex items-center gap-3">
            <span className="truncate font-medium" title={title} dir="auto">
              {title}
            </span>
            <Status tone={tone}>{name}</Status>
          </span>
          <span className="block truncate text-sm text-ink-2">{stateOf(job)}</span>
          {isUnderWay && (
            <span className="mt-1.5 block">
              <Meter value={job.progress?.value ?? undefined} label={`Progress of ${title}`} />
            </span>
          )}
        </button>
        <span className="flex flex-col items-end text-sm text-ink-3 max-md:hidden">
          {who !== undefined && (
            <span className="max-w-32 truncate text-ink-2" title={who} dir="auto">
              {who}
            </span>
          )}
          <time dateTime={job.createdAt} title={exactTime(job.createdAt)}>
            {ago(job.createdAt)}
          </time>
        </span>
        {canWrite && <Action job={job} title={title} />}
      </div>
    </li>
  )
})

/** Of the button that opens a job; the focus comes back to it. */
export const rowId = (id: string): string => `job-${id}`

const leftOf = (seconds: number | null | undefined, aged: number) =>
  seconds === null || seconds === undefined ? null : Math.max(1, seconds - aged)

const blanks: Record<JobView['status'], LucideIcon> = {
  queued: Hourglass,
  running: WandSparkles,
  canceling: Ban,
  succeeded: File,
  failed: CircleAlert,
  canceled: Ban,
  expired: Hourglass,
}

function Picture({ job }: { job: JobView }) {
  const shown = job.outputs.filter(
    ({ kind, temporary }) => (kind === 'image' || kind === 'animation' || kind === 'video') && !temporary,
  )
  const [first] = shown
  if (!first) {
    const Icon = blanks[job.status]
    return (
      <span
        className="grid size-11 shrink-0 place-items-center rounded-control bg-inset text-ink-3 max-md:hidden"
        aria-hidden
      >
        <Icon size={17} strokeWidth={1.5} />
      </span>
    )
  }
  return (
    <span className="relative size-11 shrink-0 overflow-hidden rounded-control bg-hover">
      <img
        src={`/api/assets/${first.assetId}/thumbnail?size=256`}
        alt=""
        loading="lazy"
        width={44}
        height={44}
        className="size-full object-cover"
      />
      {shown.length > 1 && (
        <span className="nums absolute right-0 bottom-0 rounded-tl-control bg-black/70 px-1 text-xs font-medium text-white">
          {shown.length}
        </span>
      )}
    </span>
  )
}

/** Above the button that is the row. */
function Action({ job, title }: { job: JobView; title: string }) {
  const cancel = useCancel(job)
  const retry = useRetry(job)
  return isEnded(job) ? (
    <Button
      small
      look="quiet"
      className="relative z-10"
      icon={<RotateCcw size={16} aria-hidden />}
      disabled={retry.isPending}
      onClick={() => retry.mutate()}
      aria-label={`Run ${title} again`}
    />
  ) : (
    <Button
      small
      look="quiet"
      className="relative z-10"
      icon={<X size={16} aria-hidden />}
      disabled={cancel.isPending || job.status === 'canceling'}
      onClick={() => cancel.mutate()}
      aria-label={`Cancel ${title}`}
    />
  )
}
